# wealthsim. Options on top, machinery below; `make help` lists what there is to make.

# ---- options -------------------------------------------------------------------------------------------------
# Ranks and arguments of `make run`.
NP       ?= 16
ARGS     ?=
# `make install PREFIX=… DESTDIR=…`.
PREFIX   ?= /usr/local
DESTDIR  ?=
# Where objects go; Open MPI's compiler driver (`make CC=clang` has it call another compiler) and launcher.
BUILD    ?= build
MPICC    ?= mpicc
MPIRUN   ?= mpirun
OPTIMISE ?= -O3 -g
# -Werror in CI; for example address,undefined (see `make test-sanitize`).
WERROR   ?=
SANITIZE ?=

# ---- tools and libraries -------------------------------------------------------------------------------------
ifneq ($(origin CC),default)
export OMPI_CC := $(CC)
endif
machine  := $(shell uname -m)
version  := $(shell git describe --always --dirty --tags 2>/dev/null || cat .version 2>/dev/null || echo unknown)

HDF5_CFLAGS  ?= $(shell pkg-config --cflags-only-I hdf5-openmpi 2>/dev/null || pkg-config --cflags-only-I hdf5 2>/dev/null)
HDF5_LIBS    ?= $(shell pkg-config --libs-only-L hdf5-openmpi 2>/dev/null || pkg-config --libs-only-L hdf5 2>/dev/null) -lhdf5_hl -lhdf5
SPRNG_CFLAGS ?=
SPRNG_LIBS   ?= -lsprng -lgmp
INIH_LIBS    ?= -linih

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
# One answer everywhere: no contraction, no fast-math; -fno-math-errno and -fno-trapping-math change no value.
NUMERICS := -ffp-contract=off -fno-math-errno -fno-trapping-math
CFLAGS   += -std=gnu11 $(OPTIMISE) $(WARNINGS) $(NUMERICS) -fopenmp -MMD -MP $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer)
CPPFLAGS += -Iinclude $(HDF5_CFLAGS) $(SPRNG_CFLAGS) -D_GNU_SOURCE
LDFLAGS  += -fopenmp $(if $(SANITIZE),-fsanitize=$(SANITIZE))
LDLIBS   += $(HDF5_LIBS) $(SPRNG_LIBS) $(INIH_LIBS) -lm

# ---- sources -------------------------------------------------------------------------------------------------
sources := $(filter-out src/main.c %.vec.c,$(wildcard src/*/*.c))
vectors := $(wildcard src/*/*.vec.c)
levels  := portable $(if $(filter x86_64,$(machine)),avx2 avx512)
objects := $(sources:src/%.c=$(BUILD)/%.o) $(foreach l,$(levels),$(vectors:src/%.vec.c=$(BUILD)/%.$l.o))
library := $(BUILD)/libwealthsim.a
program := $(BUILD)/wealthsim

flags_portable :=
flags_avx2     := -march=x86-64-v3 -mprefer-vector-width=256
flags_avx512   := -march=x86-64-v4 -mprefer-vector-width=512

# ---- building ------------------------------------------------------------------------------------------------
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

all: wealthsim

wealthsim: $(program)
	cp $< $@

$(program): $(BUILD)/main.o $(library)
	$(MPICC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(library): $(objects)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(MPICC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

define vector_rule
$(BUILD)/%.$1.o: src/%.vec.c
	@mkdir -p $$(@D)
	$(MPICC) $(CPPFLAGS) $(CFLAGS) $(flags_$1) -DVECTOR_SUFFIX=$1 -c -o $$@ $$<
endef
$(foreach l,$(levels),$(eval $(call vector_rule,$l)))

# ---- tests ---------------------------------------------------------------------------------------------------
unit_tests     := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
parallel_tests := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/parallel/test_*.c))

$(BUILD)/tests/%: tests/%.c $(library)
	@mkdir -p $(@D)
	$(MPICC) $(CPPFLAGS) -Itests/lib $(CFLAGS) $(LDFLAGS) -o $@ $< $(library) $(LDLIBS) -lcmocka

test-programs: $(unit_tests) $(parallel_tests)

clean:
	rm -rf $(BUILD) wealthsim

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all test-programs clean
