#include "verify/verification.h"
#include "verify/checks.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    struct verify_size size;
} classes[VERIFY_CLASSES] = {
    [VERIFY_TINY] = {"tiny", {.households = 50000, .periods = 60, .hash = 0x858d9fc8710fbe7e}},
    [VERIFY_SMALL] = {"small", {.households = 10000000, .periods = 200, .hash = 0x36329b5721076786}},
    [VERIFY_LARGE] = {"large", {.households = 1 << 28, .periods = 200, .hash = 0xb88efc45bcf32f96}},
};

const struct kesten_parameters verification_model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};
enum { SEED = 1 };

static const struct check all[] = {
    {"known streams", check_known_streams},
    {"bulk streams", check_bulk_streams},
    {"floating point", check_floating_point},
    {"shocks", check_shocks},
    {"vector levels", check_vector_levels},
    {"exact sums", check_exact_sums},
    {"order statistics", check_order_statistics},
    {"messages", check_messages},
    {"published hash", check_published},
    {"layout", check_layout},
    {"moments", check_moments},
    {"quantiles", check_quantiles},
    {"result file", check_result_file},
    {"checkpoint", check_checkpoint},
    {"model file", check_model_file},
    {"pi", check_pi},
    {"gridmax", check_gridmax},
    {"eigenvalues", check_eigenvalues},
};

const char *verify_class_name(int class)
{
    return classes[class].name;
}

int verification_checks(const struct check **checks)
{
    *checks = all;
    return sizeof all / sizeof all[0];
}

bool verification_breaks(const struct verification *verification, const char *name)
{
    return verification->broken && strcmp(verification->broken, name) == 0;
}

int64_t verification_bytes(enum verify_class class, const struct comm *comm)
{
    const struct verify_size size = classes[class].size;
    return population_bytes(
        &model_kesten, 1, RNG_MLFG, decomposition_of(size.households, comm->rank, comm->size).n_blocks_local);
}

enum status verification_begin(
    struct verification *verification, enum verify_class class, int threads, const struct comm *comm)
{
    const struct verify_size size = classes[class].size;
    const struct decomposition part = decomposition_of(size.households, comm->rank, comm->size);
    *verification = (struct verification){
        .comm = comm, .size = size, .threads = threads, .broken = getenv("WEALTHSIM_VERIFY_BREAK")};
    enum status status = timers_create(&verification->timers, verification->threads);
    if (status == WS_OK)
        status = population_create(&verification->population, part, &model_kesten,
            (const void *[]){&verification_model}, 1, verification->threads);
    if (status == WS_OK)
        status = population_start(&verification->population, RNG_MLFG, SEED);
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        population_advance(&verification->population, size.periods, &verification->timers);
    return status;
}

void verification_end(struct verification *verification)
{
    population_destroy(&verification->population);
    timers_destroy(&verification->timers);
}
