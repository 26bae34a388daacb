# What looks for mistakes and measures, besides `make test`: included by the Makefile, whose options hold here too.

CLANG_FORMAT ?= clang-format
CLANG_TIDY   ?= clang-tidy
CPPCHECK     ?= cppcheck

benches := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
randoms := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/random/*.c))
fuzzers := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
scales  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/scale/*.c))
looked  := $(patsubst src/%.c,$(BUILD)/lint/%,src/main.c $(scalars) $(vectors))

# ---- tests in other surroundings ---------------------------------------------------------------------------
test-cluster: deps-cluster ## run the tests on a private Slurm cluster and on several network hosts
	$(again) test T='$(or $(T),cluster)'

# Sanitizers guess where a library that is loaded later keeps a thread's variables, from the 16 bytes before them, if these
# happen to lie 16 bytes into a page: that hangs on all that was allocated before, and a wrong guess crashes.
no_guess = intercept_tls_get_addr=0

test-sanitize: ## run tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@WEALTHSIM_TEST_SLOW=1 ASAN_OPTIONS=fast_unwind_on_malloc=0:$(no_guess) \
	LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lib/leaks.supp:print_suppressions=0 \
	$(MAKE) --no-print-directory test BUILD=$(BUILD)/sanitize SANITIZE=address,undefined OPTIMISE='-O1 -g' RANKS='1 3' \
	    T='$(or $(T),unit parallel smoke)'

# GCC's OpenMP runtime does not tell ThreadSanitizer about its barriers; Clang's does, through its tool Archer. MPI
# and HDF5 are not instrumented: what they do among themselves is left out.
test-threads: deps-ci ## run tests under ThreadSanitizer (with Clang)
	@WEALTHSIM_TEST_SLOW=1 TSAN_OPTIONS=ignore_noninstrumented_modules=1:$(no_guess) \
	$(MAKE) --no-print-directory test BUILD=$(BUILD)/threads CC=clang SANITIZE=thread OPTIMISE='-O1 -g' RANKS='1 2' \
	    T='$(or $(T),unit parallel smoke)'

# Valgrind shows programs a processor without AVX-512: avx2 is the highest level that it looks at.
valgrind := valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
            --suppressions=tests/lib/valgrind.supp
test-memory: deps-memory ## run the serial tests under Valgrind (takes long)
	$(again) all test-programs
	@WEALTHSIM_TEST_SLOW=1 $(run_tests) --limit 3600 --under '$(valgrind)' --words '$(or $(T),unit)'

test-aarch64: ## run the tests of arithmetic and a verification on an emulated aarch64
	@.ci/aarch64 $(BUILD)/aarch64

test-recipes: ## try the Debian package and the container (jobs/recipes) on bare machines; ARGS='container --mpi mpich'
	@tests/recipes/run $(ARGS)

# Killed processes leave no counts. Counts of threads are atomic; -O1, for the tests that wait for something to happen.
coverage: deps-test ## say which lines the tests run (takes long); fails below 90 %
	@find $(BUILD)/coverage -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory test BUILD=$(BUILD)/coverage OPTIMISE='-O1 -g --coverage -fprofile-update=atomic' \
	    LDFLAGS='--coverage $(LDFLAGS)' RANKS='1 3' T='$(or $(T),unit parallel end_to_end)'; \
	status=$$?; $(PYTHON) tests/coverage --build $(BUILD)/coverage && exit $$status

# ---- measurements and made-up input --------------------------------------------------------------------------
test-random: deps-random ## put the streams through dieharder (tests/random), for 20 minutes; ARGS=--help
	$(again) random-programs
	@$(PYTHON) tests/random/run --build '$(BUILD)' $(ARGS)

fuzz: deps-ci ## give the readers of files and options made-up input (tests/fuzz); ARGS='--seconds 600'
	@$(MAKE) --no-print-directory fuzz-programs BUILD=$(BUILD)/fuzz CC=clang SANITIZE=fuzzer,address,undefined \
	    OPTIMISE='-O1 -g'
	@$(PYTHON) tests/fuzz/run --build $(BUILD)/fuzz $(ARGS)

scale: deps-test ## count what ranks send and keep, against the model of cost (tests/scale); ARGS=--help
	$(again) all scale-programs
	@MPIRUN='$(MPIRUN)' $(PYTHON) tests/scale/run --build '$(BUILD)' $(ARGS)

bench: deps-bench ## measure against the rivals (tests/bench); ARGS=--quick in a short time
	$(again) all bench-programs
	@MPIRUN='$(MPIRUN)' $(PYTHON) tests/bench/run --build '$(BUILD)' $(ARGS)

random-programs: $(randoms)
bench-programs: $(benches)
fuzz-programs: $(fuzzers)
scale-programs: $(scales)

# ---- the sources -------------------------------------------------------------------------------------------
c_files = $(wildcard src/*.c src/*/*.c include/*/*.h tests/*/*.c tests/*/*.h)
format: ## lay out the C files as .clang-format says
	$(CLANG_FORMAT) -i $(c_files)

check-format: ## say which C files are laid out otherwise
	$(CLANG_FORMAT) --dry-run --Werror $(c_files)

lint: deps-ci ## look for mistakes with cppcheck, clang-tidy (.clang-tidy) and GCC's analyser
	$(again) look-cppcheck $(looked:=.tidy) $(looked:=.analysed)

# Vector code is looked at as at its portable level, LAPACK as one that is loaded.
looking = $(cppflags) -std=gnu11 -fopenmp -DSIMD_LEVEL=portable -DLAPACK_LIBRARIES='"liblapack.so.3"'
# GCC's analyser takes vectors for numbers, does not know that error_agree gives a rank's own failure back, and loses
# sight of pointers that clang-tidy follows.
quiet_analyser = $(addprefix -Wno-analyzer-,shift-count-overflow null-dereference possible-null-dereference malloc-leak)

look-cppcheck:
	$(call say,cppcheck)
	$(do)$(CPPCHECK) --quiet --std=c11 --enable=warning,style,performance,portability --inline-suppr --error-exitcode=1 \
	    --suppressions-list=.cppcheck -j $$(nproc) $(filter -I% -D%,$(cppflags)) -DSIMD_LEVEL=portable src

$(BUILD)/lint/%.tidy: src/%.c .clang-tidy $(wildcard include/*/*.h)
	$(call say,tidy   )
	@mkdir -p $(@D)
	$(do)$(CLANG_TIDY) --quiet $< -- $(looking) $(shell $(MPICC) --showme:compile 2>/dev/null) 2>$@.log >&2 || { cat $@.log; exit 1; }
	@touch $@

$(BUILD)/lint/%.analysed: src/%.c $(wildcard include/*/*.h)
	$(call say,analyse)
	@mkdir -p $(@D)
	$(do)OMPI_CC=gcc MPICH_CC=gcc $(MPICC) $(looking) -O1 -fanalyzer $(quiet_analyser) -Werror -c -o $@ $<

.PHONY: test-cluster test-sanitize test-threads test-memory test-aarch64 test-recipes coverage test-random fuzz scale bench \
    random-programs bench-programs fuzz-programs scale-programs format check-format lint look-cppcheck

-include $(wildcard $(addsuffix .o.d,$(benches) $(randoms) $(fuzzers) $(scales)))
