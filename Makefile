# wealthsim. Options on top, machinery below; `make help` lists what there is to make. Checks and measurements are in
# .ci/checks.mk.

# ---- options -------------------------------------------------------------------------------------------------
# Ranks and arguments of `make run`.
NP       ?= 16
ARGS     ?=
# SPRNG=none: without SPRNG; there is its family mlfg alone, by our own code, with the same numbers.
SPRNG    ?=
# Words that choose tests by name (`make test T='order results'`); the rank counts of the parallel tests.
T        ?=
# The source of SPRNG 2 for `make sprng`.
TARBALL  ?=
RANKS    ?= 1 2 3 5 16
# `make install PREFIX=… DESTDIR=…`; what the modulefile loads first: the modules that are loaded now.
PREFIX   ?= /usr/local
DESTDIR  ?=
MODULES  ?= $(LOADEDMODULES)
# Where objects go; Open MPI's compiler driver (`make CC=clang` has it call another compiler) and launcher.
BUILD    ?= build
MPICC    ?= mpicc
MPIRUN   ?= mpirun
OPTIMISE ?= -O3 -g
# -Werror in CI; for example address,undefined (see test-sanitize).
WERROR   ?=
SANITIZE ?=
# V=1 shows the commands.
V        ?=
# CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS are the user's own and come after the project's.

# Libraries, wherever they are. PREFIXES="dir dir": folders with include and lib, of which the first that has a library counts.
PREFIXES ?=
absent   := $(filter-out $(wildcard $(PREFIXES)),$(PREFIXES))
ifneq ($(absent),)
$(error PREFIXES: there is no folder $(absent))
endif
prefix_cflags := $(patsubst %,-I%,$(wildcard $(PREFIXES:%=%/include)))
prefix_libs   := $(wildcard $(foreach p,$(PREFIXES),$p/lib $p/lib64))

# Or each by itself: HDF5_CFLAGS=-I… HDF5_LIBS='-L… -l…'. HDF5 is that of the compiler driver's MPI: Debian has one for each.
mpi_name := $(if $(findstring mpich,$(MPICC) $(shell $(MPICC) -show 2>/dev/null)),mpich,openmpi)
hdf5_pc  := $(if $(wildcard $(PREFIXES:%=%/include/hdf5.h)),,$(shell \
    for name in hdf5-$(mpi_name) hdf5-mpi hdf5; do pkg-config --exists $$name && echo $$name && break; done 2>/dev/null))
HDF5_CFLAGS   ?= $(if $(hdf5_pc),$(shell pkg-config --cflags-only-I $(hdf5_pc)))
HDF5_LIBS     ?= $(if $(hdf5_pc),$(shell pkg-config --libs-only-L $(hdf5_pc))) -lhdf5_hl -lhdf5
# SPRNG is the one that `make sprng` has built, or else the system's; or none.
ifneq ($(filter-out none,$(SPRNG)),)
$(error SPRNG=$(SPRNG): only SPRNG=none is known; SPRNG_CFLAGS and SPRNG_LIBS say where a SPRNG is)
endif
own_sprng     := build/sprng
built_sprng   := $(if $(SPRNG),,$(shell cat $(own_sprng)/source 2>/dev/null))
SPRNG_CFLAGS  ?= $(if $(built_sprng),-I$(own_sprng)/include)
SPRNG_LIBS    ?= $(if $(built_sprng),$(own_sprng)/lib/libsprng.a,-lsprng)
GMP_CFLAGS    ?=
GMP_LIBS      ?= -lgmp
# (xxHash is compiled from its header.)
XXHASH_CFLAGS ?=
XXHASH_LIBS   ?=
# LAPACK, one that several threads may call at a time: of Red Hat's three OpenBLAS, the one for OpenMP.
openblas      := $(if $(wildcard $(prefix_libs:%=%/libopenblas.*)),openblas,$(if $(wildcard $(prefix_libs:%=%/libopenblaso.*) \
    $(filter /%,$(shell $(MPICC) -print-file-name=libopenblaso.so 2>/dev/null))),openblaso,openblas))
LAPACK_CFLAGS ?=
LAPACK_LIBS   ?= -l$(openblas)
CMOCKA_CFLAGS ?=
CMOCKA_LIBS   ?= -lcmocka
libraries     := HDF5 $(if $(SPRNG),,SPRNG) GMP XXHASH LAPACK
# The first Python that has what the tests and the post-processing need.
PYTHON       ?= $(shell for p in python3 /usr/bin/python3; do $$p -c 'import h5py, numpy' && echo $$p && exit; done 2>/dev/null; echo python3)

# ---- compiler and flags --------------------------------------------------------------------------------------
ifneq ($(origin CC),default)
export OMPI_CC  := $(CC)
export MPICH_CC := $(CC)
endif
ask      := $(if $(OMPI_CC),OMPI_CC='$(OMPI_CC)' MPICH_CC='$(OMPI_CC)') $(MPICC)
compiler := $(shell $(ask) --version 2>/dev/null | head -n 1)
machine  := $(firstword $(subst -, ,$(shell $(ask) -dumpmachine 2>/dev/null)) $(shell uname -m))
# From git, or what `make dist` has put into .version: the version, and the day of its last change.
version  := $(shell git --git-dir=.git describe --always --dirty --tags 2>/dev/null || sed -n 1p .version 2>/dev/null)
version  := $(or $(version),unknown)
changed  := $(shell git --git-dir=.git log -1 --format=%cs 2>/dev/null || sed -n 2p .version 2>/dev/null)

warnings := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
# Clang says where a loop stays scalar that may be vectorised: some do at the portable level.
warnings += $(if $(findstring clang,$(compiler)),-Wno-pass-failed)
# One answer everywhere: no contraction, no fast-math; -fno-math-errno and -fno-trapping-math change no value.
numerics := -ffp-contract=off -fno-math-errno -fno-trapping-math
sanitize := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)

cppflags := -Iinclude $(prefix_cflags) $(foreach l,$(libraries),$($l_CFLAGS)) $(if $(SPRNG),-DWITHOUT_SPRNG) -D_GNU_SOURCE \
            $(CPPFLAGS)
cflags   := -std=gnu11 $(OPTIMISE) $(warnings) $(numerics) -fopenmp $(sanitize) $(CFLAGS)
ldflags  := -fopenmp $(sanitize) $(LDFLAGS) $(patsubst %,-L%,$(prefix_libs))
# HDF5 and LAPACK are loaded by those who want them (src/core/hdf5.c, src/lecture/lapack.c): they are linked only where something
# refers to them, being archives.
loaded   := HDF5 LAPACK
ldlibs   := $(foreach l,$(filter-out $(loaded),$(libraries)),$($l_LIBS)) \
            -Wl,--push-state,--as-needed $(foreach l,$(loaded),$($l_LIBS)) -Wl,--pop-state -lm -ldl $(LDLIBS)
# Libraries in places of their own (-L…) are found at run time too.
comma    := ,
ldflags  += $(patsubst -L%,-Wl$(comma)-rpath$(comma)%,$(filter-out -L/usr/%,$(filter -L%,$(prefix_libs:%=-L%) $(ldlibs))))
compile   = $(MPICC) $(cppflags) $(cflags) -MMD -MP -MF $@.d -MT $@

# Vector code: *.vec.c is compiled once a level (include/simd/lanes.h), for what simd.c looks for; by names that GCC 8 knows.
levels         := portable $(if $(filter x86_64,$(machine)),avx2 avx512) $(if $(filter aarch64,$(machine)),neon)
flags_portable :=
flags_neon     :=
flags_avx2     := -mavx2 -mfma -mbmi2 -mprefer-vector-width=256
flags_avx512   := $(addprefix -mavx512,f dq bw vl cd) -mfma -mbmi2 -mprefer-vector-width=512

# ---- sources and products ------------------------------------------------------------------------------------
vectors := $(wildcard src/*/*.vec.c)
scalars := $(filter-out $(vectors),$(wildcard src/*/*.c))
sources := $(filter-out src/random/$(if $(SPRNG),sprng,sprng_none).c,$(scalars))
objects := $(sources:src/%.c=$(BUILD)/%.o) $(foreach l,$(levels),$(vectors:src/%.vec.c=$(BUILD)/%.$l.o))
library := $(BUILD)/libwealthsim.a
extras  := $(if $(findstring address,$(SANITIZE)),$(BUILD)/tests/lib/keep_modules.o)
program := $(BUILD)/wealthsim
tests   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c tests/parallel/test_*.c))
failing := $(BUILD)/tests/lib/failing.so

ifeq ($(abspath $(BUILD)),$(CURDIR))
$(error BUILD must be a folder of its own)
endif

# ---- running -------------------------------------------------------------------------------------------------
# The launcher is told what it needs (ranks may outnumber cores) by the program, which knows which MPI it has.
launch    = eval "$$($(program) --launcher)" && $(MPIRUN)

# Two tests more than cores at a time: half of a start of mpirun is waiting, and so are the tests of clusters. The few that
# fail so are tried again, one at a time, and said: what fails by itself too has failed.
pytest    = MPIRUN='$(MPIRUN)' $(PYTHON) -m pytest tests --build '$(BUILD)' --ranks '$(RANKS)'
run_tests = $(pytest) -n $$(($$(nproc) + 2))
failed    = $(BUILD)/failed
deps      = CC='$(CC)' MPI='$(mpi_name)' MPICC='$(MPICC)' MPIRUN='$(MPIRUN)' PYTHON='$(PYTHON)' \
            CPPFLAGS='$(CPPFLAGS)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' \
            PREFIX_FLAGS='$(prefix_cflags) $(prefix_libs:%=-L%) $(prefix_libs:%=-Wl,-rpath,%)' SPRNG='$(SPRNG)' \
            $(foreach l,$(libraries) CMOCKA,$l_CFLAGS='$($l_CFLAGS)' $l_LIBS='$($l_LIBS)') .ci/deps
# What was installed by a target's first half is seen by a make that starts after it.
again     = +@$(MAKE) --no-print-directory

# ---- targets -------------------------------------------------------------------------------------------------
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

# ./wealthsim comes from the default build; other configurations (BUILD=…) keep their program to themselves.
all: $(if $(filter build,$(BUILD)),wealthsim,$(program)) ## build ./wealthsim (the default)

run: deps ## run the main job on NP ranks, for example make run NP=4 ARGS='-n 1000000'
	$(again) all
	$(launch) -np $(NP) $(if $(filter build,$(BUILD)),./wealthsim,$(program)) $(ARGS)

test: deps-test ## run every test, or those that T names
	$(again) all test-programs
	@$(run_tests) --words '$(T)' --failed '$(failed)' || { test -e '$(failed)' && $(pytest) -n 1 --again '$(failed)'; }

deps: ## install with apt what is missing to build and run
	@$(deps) install run

sprng: ## build SPRNG 2 for wealthsim: make sprng TARBALL=sprng2.0b.tar.gz (or a folder)
	@CC='$(CC)' GMP_CFLAGS='$(prefix_cflags) $(GMP_CFLAGS)' .ci/sprng '$(subst ','\'',$(TARBALL))' $(own_sprng)

deps-test deps-random deps-bench deps-cluster deps-ci deps-memory: deps-%: ## the same for tests, other targets, .ci/run
	@$(deps) install run test $(filter random bench cluster ci memory,$*)

quoted     = '$(subst ','\'',$1)'
installing = PREFIX=$(call quoted,$(PREFIX)) DESTDIR=$(call quoted,$(DESTDIR)) PYTHON='$(PYTHON)' VERSION='$(version)' \
             MODULES=$(call quoted,$(MODULES))

install: can-install all ## install into PREFIX (staged in DESTDIR)
	$(installing) .ci/install install '$(program)'

# Before anything is built for it.
can-install:
	@$(installing) .ci/install check
ifneq ($(filter install,$(MAKECMDGOALS)),)
$(BUILD)/flags: | can-install
endif

uninstall: ## remove what install put there
	$(installing) .ci/install uninstall

check-installed: ## look whether what is in PREFIX works, with verify on NP ranks; ARGS='--class tiny'
	@$(installing) MPIRUN='$(MPIRUN)' NP='$(NP)' .ci/check-installed $(ARGS)

# Of what is committed, with .version for those who have no git; the same bytes from the same commit.
dist: ## pack wealthsim-VERSION.tar.gz, which builds without git
	@.ci/dist

clean: ## remove everything that was built
	rm -rf $(BUILD) wealthsim

help: ## list what there is to make
	@echo 'make [TARGET] [OPTION=VALUE ...]'; echo
	@awk -F ':.*## ' '/^[a-z -]+:.*## /{printf "  %-45s %s\n", $$1, $$2}' Makefile .ci/checks.mk
	@echo; echo 'Options and their values now:'; echo
	@$(foreach option,NP ARGS SPRNG TARBALL PREFIXES T RANKS PREFIX DESTDIR BUILD MPICC CC MPIRUN PYTHON OPTIMISE WERROR SANITIZE V,\
	    echo '  $(option) = $($(option))';)

test-programs: $(tests) $(failing)

.PHONY: all run test deps sprng deps-test deps-random deps-bench deps-cluster deps-ci deps-memory install uninstall clean help \
    test-programs FORCE
.PHONY: can-install check-installed dist

# ---- building ------------------------------------------------------------------------------------------------
say = @$(if $(V),,echo '  $1 $@';)
do  = $(if $(V),,@)

wealthsim: $(program)
	cp -f $< $@

$(program): $(BUILD)/main.o $(extras) $(library)
	$(call say,link   )
	$(do)$(MPICC) $(ldflags) -o $@ $^ $(ldlibs)

$(library): $(objects)
	$(call say,archive)
	@rm -f $@
	$(do)$(AR) rcs $@ $^

$(BUILD)/%.o: src/%.c $(BUILD)/flags
	$(call say,compile)
	@mkdir -p $(@D)
	$(do)$(compile) -c -o $@ $<

define vector_rule
$(BUILD)/%.$1.o: src/%.vec.c $(BUILD)/flags
	$$(call say,compile)
	@mkdir -p $$(@D)
	$$(do)$$(compile) $(flags_$1) -DSIMD_LEVEL=$1 -c -o $$@ $$<
endef
$(foreach level,$(levels),$(eval $(call vector_rule,$(level))))

$(BUILD)/tests/%.o: tests/%.c $(BUILD)/flags
	$(call say,compile)
	@mkdir -p $(@D)
	$(do)$(compile) -Itests/lib $(CMOCKA_CFLAGS) -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(extras) $(library)
	$(call say,link   )
	$(do)$(MPICC) $(ldflags) -o $@ $^ $(ldlibs) $(CMOCKA_LIBS)

# Tests whose own function stands before one of the library's or SPRNG's.
$(BUILD)/tests/unit/test_stream_foreign: ldflags += -Wl,--wrap=pack_rng
$(BUILD)/tests/unit/test_stream_foreign_start: ldflags += -Wl,--wrap=init_rng
$(BUILD)/tests/unit/test_stream_own_start: ldflags += -Wl,--wrap=mlfg_start_init

# For LD_PRELOAD; dlsym is in a library of its own before glibc 2.34.
$(BUILD)/tests/lib/%.so: tests/lib/%.c $(BUILD)/flags
	$(call say,link   )
	@mkdir -p $(@D)
	$(do)$(or $(CC),cc) -D_GNU_SOURCE -std=gnu11 -O1 $(warnings) -shared -fPIC -o $@ $< -ldl

# The libraries that are to be loaded at run time, "libblas.so.3:liblapack.so.3"; empty where they are archives.
$(BUILD)/lapack $(BUILD)/hdf5: $(BUILD)/flags
	@$(deps) loaded $(@F) >$@
$(BUILD)/lecture/lapack.o: $(BUILD)/lapack
$(BUILD)/lecture/lapack.o: private cppflags += $$(sed 's/.*/-DLAPACK_LIBRARIES="&"/' $(BUILD)/lapack)

# What the program wants of HDF5.
$(BUILD)/hdf5_calls.h: $(filter-out $(BUILD)/core/hdf5.o,$(objects))
	$(call say,list   )
	$(do)$(or $(shell $(ask) -print-prog-name=nm),nm) -u -P $^ >$@.all
	$(do)sed -n 's/^\(H5[A-Za-z0-9_]*_g\) U.*/DATA(\1)/p; s/^\(H5[A-Za-z0-9_]*\) U.*/FUNCTION(\1)/p' $@.all | sort -u >$@
$(BUILD)/core/hdf5.o: $(BUILD)/hdf5 $(BUILD)/hdf5_calls.h
# (Optimisation at link time does not see what assembler refers to.)
$(BUILD)/core/hdf5.o: private cflags += -fno-lto
$(BUILD)/core/hdf5.o: private cppflags += -DHDF5_CALLS='"$(abspath $(BUILD))/hdf5_calls.h"' \
    $(if $(filter x86_64 aarch64,$(machine)),$$(sed 's/.*/-DHDF5_LIBRARIES="&"/' $(BUILD)/hdf5))

$(BUILD)/core/version.o: $(BUILD)/version
$(BUILD)/core/version.o: cppflags += '-DWEALTHSIM_VERSION="$(version)"' '-DWEALTHSIM_DATE="$(changed)"' \
    '-DWEALTHSIM_CFLAGS="$(strip $(filter-out -W%,$(cflags)))"'

# Files that change only when their text does: objects follow the compiler and its flags, version.o the version.
# With new flags, too, it is time to look whether all libraries are there.
$(BUILD)/flags: text = $(compiler) $(compile) $(ldflags) $(ldlibs) $(built_sprng)
$(BUILD)/version: text = $(version)
$(BUILD)/flags $(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(text))' | cmp -s - $@ || { \
	    $(if $(filter %/flags,$@),$(deps) check run &&) echo '$(subst ','\'',$(text))' >$@; }

include .ci/checks.mk
-include $(wildcard $(addsuffix .d,$(objects) $(BUILD)/main.o $(tests:=.o) $(extras)))
