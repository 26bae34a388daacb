#include "files/model_file.h"
#include "files/h5.h"
#include "files/variables.h"
#include "models/tabulated.h"
#include "verify/checks.h"
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* A model that has everything: two kinds of work and death, two rules, one of them with a jump, a share, levels, newborns,
 * debts. */
enum { STATES = 3, POLICIES = 2, POINTS = 4, SAMPLES = 3, PERIODS = 60 };

static const double transition[STATES][STATES] = {{0.9, 0.08, 0.02}, {0.35, 0.63, 0.02}, {0.5, 0.5, 0}},
                    policy_wealth[POLICIES][POINTS] = {{-1, 2, 2, 30}, {-1, 0, 5, 20}},
                    policy_savings[POLICIES][POINTS] = {{-1, 1.2, 1.5, 25}, {-1, -0.5, 4, 17}},
                    policy_share[POLICIES][POINTS] = {{0, 0.3, 0.6, 0.8}, {0, 0, 0.5, 0.7}},
                    return_constant[STATES] = {1.01, 1.01, 1}, return_log_mean[STATES] = {-0.01, -0.03, 0},
                    return_log_sd[STATES] = {0.15, 0.25, 0}, risky_constant[STATES] = {-1, -1, -1},
                    income_constant[STATES] = {0, 0.3, 0}, income_log_mean[STATES] = {0, -1.5, 0},
                    income_log_sd[STATES] = {0.2, 0.1, 0}, level_growth[STATES] = {1.01, 0.99, 1},
                    level_loading[STATES] = {0.05, 0, 0}, initial_wealth[SAMPLES] = {0, 1, 4},
                    initial_weight[SAMPLES] = {3, 2, 1};
static const int32_t policy_of_state[STATES] = {0, 1, 0}, newborn[STATES] = {0, 0, 1},
                     initial_state[SAMPLES] = {0, 0, 1};

/* The hash of its population after these periods. */
static const uint64_t known = 0x70124f5a69a614b6;

static enum status write_model(const char *path)
{
    const struct dimension state = {.name = "state", .length = STATES},
                           next = {.name = "next_state", .length = STATES},
                           policy = {.name = "policy", .length = POLICIES},
                           point = {.name = "point", .length = POINTS},
                           sample = {.name = "sample", .length = SAMPLES};
#define VARIABLE(of, ...)                                                                                    \
    {                                                                                                        \
        .name = #of, .long_name = #of, .over = {__VA_ARGS__}, .values = of                                   \
    }
#define INTEGERS(of, ...)                                                                                    \
    {                                                                                                        \
        .name = #of, .long_name = #of, .type = NUMBER_INT32, .over = {__VA_ARGS__}, .values = of             \
    }
    const struct variable variables[] = {VARIABLE(transition, &state, &next),
        VARIABLE(policy_wealth, &policy, &point), VARIABLE(policy_savings, &policy, &point),
        VARIABLE(policy_share, &policy, &point), INTEGERS(policy_of_state, &state),
        VARIABLE(return_constant, &state), VARIABLE(return_log_mean, &state), VARIABLE(return_log_sd, &state),
        VARIABLE(risky_constant, &state), VARIABLE(income_constant, &state),
        VARIABLE(income_log_mean, &state), VARIABLE(income_log_sd, &state), VARIABLE(level_growth, &state),
        VARIABLE(level_loading, &state), INTEGERS(newborn, &state), VARIABLE(initial_wealth, &sample),
        INTEGERS(initial_state, &sample), VARIABLE(initial_weight, &sample)};
    h5_begin();
    const hid_t file = h5_create_file();
    h5_attribute_text(file, "model_format", "1.0");
    h5_attribute_real(file, "lower_bound", -2);
    const enum status written = variables_write(file, variables, sizeof variables / sizeof variables[0]);
    const enum status saved = h5_save(file, path, 0);
    return written == WS_OK ? saved : written;
}

/* A model file written in the current folder, read, and simulated. Broken: the last period is missing. */
bool check_model_file(struct verification *verification)
{
    const struct comm *comm = verification->comm;
    const int64_t periods = verification_breaks(verification, "model file") ? PERIODS - 1 : PERIODS;
    struct tabulated_data data = {.digest = 0};
    char path[VERIFICATION_NAME];
    uint64_t hash = 0;
    verification_name_file(comm, ".model.h5", path);
    enum status status = error_agree(comm->world, comm->rank == 0 ? write_model(path) : WS_OK);
    if (status == WS_OK)
        status = model_file_read(comm, path, &data);
    if (comm->rank == 0)
        unlink(path);
    if (status == WS_OK) {
        const struct tabulated_parameters parameters = {.data = &data, .model = tabulated_model(&data)};
        status = verification_simulate(
            comm, &parameters.model, &parameters, verification->threads, periods, &hash);
    }
    tabulated_data_free(&data);
    snprintf(verification->said, sizeof verification->said,
        "%d states, %d rules, levels and newborns, written and read: %016" PRIx64 ", known %016" PRIx64,
        STATES, POLICIES, hash, known);
    return status == WS_OK && hash == known;
}
