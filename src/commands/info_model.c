#include "commands/info_model.h"
#include "core/words.h"
#include "models/tabulated_stationary.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines of the table of states; columns that a line of names takes; aggregate states that are shown. */
enum { STATES_MOST = 20, LINE_COLUMNS = 100, AGGREGATES_MOST = 4 };

static bool has(const struct tabulated_data *data, enum tabulated_variable variable)
{
    return data->values[variable] != NULL;
}

/* ---- what it consists of ---------------------------------------------------------------------------------------- */

struct span {
    double low, high;
};

static struct span span_of(const struct tabulated_data *data, enum tabulated_variable variable)
{
    struct span span = {INFINITY, -INFINITY};
    for (int64_t i = 0; i < tabulated_total(data, variable); i++) {
        span.low = fmin(span.low, data->values[variable][i]);
        span.high = fmax(span.high, data->values[variable][i]);
    }
    return span;
}

static void print_chain(const struct tabulated_data *data)
{
    char states[WORDS_COUNT], entries[WORDS_COUNT], aggregates[WORDS_COUNT], periods[WORDS_COUNT];
    const int64_t n = data->length[TABULATED_STATE], n_aggregates = data->length[TABULATED_AGGREGATE];
    printf("  chain       %s state%s", words_count(n, states), words_plural(n));
    if (has(data, TRANSITION_START))
        printf(", sparse, with %s moves", words_count(data->length[TABULATED_ENTRY], entries));
    printf("\n");
    if (has(data, AGGREGATE_PATH))
        printf("  aggregate   %s state%s, on a path of %s period%s\n", words_count(n_aggregates, aggregates),
            words_plural(n_aggregates), words_count(data->length[TABULATED_PERIOD], periods),
            words_plural(data->length[TABULATED_PERIOD]));
}

/* A jump is a segment without width. */
static int64_t count_jumps(const struct tabulated_data *data)
{
    const int64_t points = data->length[TABULATED_POINT];
    const double *x = data->values[POLICY_WEALTH];
    int64_t jumps = 0;
    for (int64_t i = 1; i < tabulated_total(data, POLICY_WEALTH); i++)
        jumps += i % points > 0 && x[i] == x[i - 1];
    return jumps;
}

static void print_rule(const struct tabulated_data *data)
{
    const int64_t policies = data->length[TABULATED_POLICY], points = data->length[TABULATED_POINT];
    const int64_t jumps = count_jumps(data);
    const struct span wealth = span_of(data, POLICY_WEALTH), savings = span_of(data, POLICY_SAVINGS);
    char count[WORDS_COUNT];
    printf("  policies    %s of ", words_count(policies, count));
    printf("%s knot%s\n", words_count(points, count), words_plural(points));
    printf("  knots       wealth %.6g to %.6g, savings %.6g to %.6g", wealth.low, wealth.high, savings.low,
        savings.high);
    if (jumps > 0)
        printf(", %s jump%s", words_count(jumps, count), words_plural(jumps));
    printf("\n  beyond      %s\n", data->extrapolation == EXTRAPOLATION_LINEAR ? "the outermost slopes go on"
                                   : data->extrapolation == EXTRAPOLATION_FLAT
                                       ? "the outermost savings stay"
                                       : "the run ends with an error");
}

static void print_outcomes(const struct tabulated_data *data)
{
    for (int i = 0; i < data->n_outcomes; i++)
        printf("%s%s", i == 0 ? "  outcomes    " : ", ", data->outcomes[i]);
    printf("%s", data->n_outcomes > 0 ? "\n" : "");
}

static void print_bounds(const struct tabulated_data *data)
{
    if (data->lower_bound > -TABULATED_BOUND && data->upper_bound < TABULATED_BOUND)
        printf("  bounds      wealth is held within %.6g and %.6g\n", data->lower_bound, data->upper_bound);
    else if (data->lower_bound > -TABULATED_BOUND)
        printf("  bounds      wealth is held at %.6g or more\n", data->lower_bound);
    else if (data->upper_bound < TABULATED_BOUND)
        printf("  bounds      wealth is held at %.6g or less\n", data->upper_bound);
    else
        printf("  bounds      none\n");
}

static void print_sample(const struct tabulated_data *data)
{
    const int64_t n = data->length[TABULATED_SAMPLE];
    char count[WORDS_COUNT];
    if (n == 0) {
        printf("  start       at --w0 in state 0\n");
        return;
    }
    printf("  start       a sample of %s point%s%s", words_count(n, count), words_plural(n),
        has(data, INITIAL_WEIGHT) ? ", weighted" : "");
    if (has(data, INITIAL_WEALTH)) {
        const struct span wealth = span_of(data, INITIAL_WEALTH);
        printf(", wealth %.6g to %.6g", wealth.low, wealth.high);
    }
    printf("\n");
}

/* ---- what it leaves to the defaults ----------------------------------------------------------------------------- */

/* What holds for a variable that is not in the file; NULL where nothing is left out by that. */
static const char *default_of(enum tabulated_variable variable)
{
    switch (variable) {
    case POLICY_SHARE:
    case LEVEL_GROWTH:
        return "1";
    case RETURN_CONSTANT:
    case RISKY_CONSTANT:
    case INCOME_CONSTANT:
    case LEVEL_LOADING:
    case NEWBORN:
        return "0";
    case INITIAL_WEALTH:
        return "--w0";
    case INITIAL_STATE:
        return "0";
    case INITIAL_LEVEL:
        return "1";
    default:
        return NULL;
    }
}

/* What the default of a whole term is: a lognormal one is absent without both, and one of the two is 0 without the other. */
static const char *default_within(const struct tabulated_data *data, enum tabulated_variable variable)
{
    static const enum tabulated_variable pairs[][2] = {
        {RETURN_LOG_MEAN, RETURN_LOG_SD}, {INCOME_LOG_MEAN, INCOME_LOG_SD}};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            if (variable == pairs[i][j])
                return has(data, pairs[i][1 - j]) ? "0" : "no such term";
    if (variable == POLICY_OF_STATE)
        return data->length[TABULATED_POLICY] == 1 ? "one for all" : "each state its own";
    if ((variable == INITIAL_LEVEL || variable == LEVEL_LOADING) && !has(data, LEVEL_GROWTH) &&
        !has(data, LEVEL_LOADING))
        return NULL; /* the growth says that there is none */
    if (variable == LEVEL_GROWTH && !has(data, LEVEL_LOADING))
        return "no level";
    return default_of(variable);
}

static void print_defaults(const struct tabulated_data *data)
{
    int column = 0;
    for (int i = 0; i < TABULATED_VARIABLES; i++) {
        const char *name = tabulated_rows[i].name, *said = default_within(data, (enum tabulated_variable)i);
        if (has(data, (enum tabulated_variable)i) || !said)
            continue;
        const int length = (int)(strlen(name) + strlen(said)) + 5;
        if (column == 0 || column + length > LINE_COLUMNS) {
            printf("%s", column == 0 ? "  not given   " : ",\n              ");
            column = 14;
        } else {
            printf(", ");
        }
        printf("%s (%s)", name, said);
        column += length;
    }
    printf("%s", column > 0 ? "\n" : "");
}

/* ---- where it leads --------------------------------------------------------------------------------------------- */

struct place {
    int64_t state;
    double probability;
};

static int by_probability(const void *a, const void *b)
{
    const struct place *one = a, *other = b;
    if (one->probability != other->probability)
        return one->probability < other->probability ? 1 : -1;
    return one->state < other->state ? -1 : one->state > other->state;
}

static int by_number(const void *a, const void *b)
{
    const struct place *one = a, *other = b;
    return one->state < other->state ? -1 : one->state > other->state;
}

/* The states [n] of the table: all, or those of the largest probabilities, in their order. @return how many */
static int64_t choose_states(const double *probability, int64_t n, struct place *places)
{
    for (int64_t z = 0; z < n; z++)
        places[z] = (struct place){z, probability[z]};
    if (n <= STATES_MOST)
        return n;
    qsort(places, (size_t)n, sizeof *places, by_probability);
    qsort(places, STATES_MOST, sizeof *places, by_number);
    return STATES_MOST;
}

static void print_states(
    const struct tabulated_data *data, int64_t aggregate, const struct place *places, int64_t n)
{
    const double *group = data->values[GROUP_LABEL], *newborn = tabulated_values(data, NEWBORN, aggregate);
    double rest = 1;
    printf("\n  %-12s%-14s%s%smean income\n", "state", "probability",
        has(data, POLICY_OF_STATE) ? "policy      " : "", group ? "group       " : "");
    for (int64_t i = 0; i < n; i++) {
        const int64_t z = places[i].state;
        rest -= places[i].probability;
        printf("  %-12" PRId64 "%-14.6g", z, places[i].probability);
        if (has(data, POLICY_OF_STATE))
            printf("%-12" PRId64, tabulated_policy_of(data, aggregate, z));
        if (group)
            printf("%-12.0f", group[z]);
        if (newborn && newborn[z] != 0)
            printf("- (newborns: at the start at once)\n");
        else
            printf("%.6g\n", tabulated_mean_income(data, aggregate, z));
    }
    const int64_t others = data->length[TABULATED_STATE] - n;
    char count[WORDS_COUNT];
    if (others > 0)
        printf(
            "  ... and %s more, with %.3g of the probability\n", words_count(others, count), fmax(rest, 0));
}

/* Income of newborns is that of the states where they begin: the state that they came by has no probability. */
static double mean_income(const struct tabulated_data *data, int64_t aggregate, const double *probability)
{
    double mean = 0;
    for (int64_t z = 0; z < data->length[TABULATED_STATE]; z++)
        if (probability[z] > 0)
            mean += probability[z] * tabulated_mean_income(data, aggregate, z);
    return mean;
}

/* The law of the chain, or why there is none. */
static void print_law(const struct tabulated_data *data, int64_t aggregate,
    const struct tabulated_stationary *law, struct place *places)
{
    const int64_t n = data->length[TABULATED_STATE];
    const double *newborn = tabulated_values(data, NEWBORN, aggregate);
    int64_t others = n - law->n_recurrent;
    char count[WORDS_COUNT], other[WORDS_COUNT];
    for (int64_t z = 0; newborn && z < n; z++)
        others -= newborn[z] != 0;
    if (law->n_closed > 1) {
        printf("  stationary  none of the chain alone: it ends in one of %s sets of states, by where it "
               "begins and by chance\n",
            words_count(law->n_closed, count));
        return;
    }
    if (others > 0)
        printf("  stationary  over %s of the states; %s more are left for good, or never come to\n",
            words_count(law->n_recurrent, count), words_count(others, other));
    if (law->change > 1e-12)
        printf("  stationary  not to more digits than these: a period would still move %.3g of the "
               "probability\n",
            law->change);
    printf("  income      %.6g on average, over the chain's stationary law\n",
        mean_income(data, aggregate, law->probability));
    print_states(data, aggregate, places, choose_states(law->probability, n, places));
}

/* Whether the chain, or what is shown of a state, is another in each aggregate state. */
static bool depends_on_aggregate(const struct tabulated_data *data)
{
    static const enum tabulated_variable shown[] = {TRANSITION, TRANSITION_PROBABILITY, POLICY_OF_STATE,
        INCOME_CONSTANT, INCOME_LOG_MEAN, INCOME_LOG_SD, NEWBORN};
    bool depends = false;
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        depends |= data->is_by_aggregate[shown[i]];
    return depends;
}

static enum status print_laws(const struct tabulated_data *data)
{
    const int64_t all = depends_on_aggregate(data) ? data->length[TABULATED_AGGREGATE] : 1;
    const size_t bytes = (size_t)data->length[TABULATED_STATE] * sizeof(struct place);
    struct place *places = malloc(bytes);
    enum status status = places ? WS_OK : error_memory(bytes, "the table of states");
    for (int64_t a = 0; a < all && a < AGGREGATES_MOST && status == WS_OK; a++) {
        struct tabulated_stationary law;
        status = tabulated_stationary_find(data, a, &law);
        if (all > 1)
            printf("\n  if aggregate state %" PRId64 " stayed for ever:\n", a);
        if (status == WS_OK)
            print_law(data, a, &law, places);
        tabulated_stationary_free(&law);
    }
    if (all > AGGREGATES_MOST)
        printf("\n  ... and %" PRId64 " more aggregate states\n", all - AGGREGATES_MOST);
    free(places);
    return status;
}

/* ---- theory ----------------------------------------------------------------------------------------------------- */

static void print_theory(struct theory theory)
{
    if (isnan(theory.tail_index))
        printf("  tail        theory does not know it\n");
    else if (isinf(theory.tail_index))
        printf("  tail        of no Pareto law\n");
    else
        printf("  tail        Pareto with index %.6g\n", theory.tail_index);
    if (!theory.has_stationary_law)
        printf("              wealth has no stationary law\n");
}

static enum status print_law_of_motion(const struct models_parameters *models)
{
    const struct model *model = models_chosen(models);
    void *law = aligned_alloc(64, (model->law_bytes / 64 + 1) * 64);
    if (!law)
        return error_memory(model->law_bytes, "the model's law");
    enum status status = model->init(law, models_parameters_of(models, model));
    if (status == WS_OK) {
        print_theory(model_theory(model, law));
        if (model->destroy)
            model->destroy(law);
    }
    free(law);
    return status;
}

enum status info_model_print(const struct models_parameters *models)
{
    const struct tabulated_data *data = models->tabulated.data;
    printf("  model       %s\n  digest      %s\n", models->tabulated.file, models->tabulated.digest);
    print_chain(data);
    print_rule(data);
    print_outcomes(data);
    print_bounds(data);
    print_sample(data);
    print_defaults(data);
    enum status status = print_law_of_motion(models);
    if (status == WS_OK)
        status = print_laws(data);
    fflush(stdout);
    return status;
}
