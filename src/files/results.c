#include "files/results.h"
#include "core/version.h"
#include "files/h5.h"
#include "files/paths.h"
#include "models/stationary.h"
#include "models/theory.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Bytes of paths that no disk has; more of them are not counted, so that sums, and some of them together, stay in range. */
static const int64_t uncountable = (int64_t)1 << 58;

int64_t results_bytes(const struct options *options)
{
    const int64_t of_wealth = options->no_wealth ? 0 : options->households * (int64_t)sizeof(double);
    const int64_t of_path = (options->periods + 1) * (int64_t)sizeof(double);
    int64_t of_paths = 0;
    if (__builtin_mul_overflow(options->paths, of_path, &of_paths) || of_paths > uncountable)
        of_paths = uncountable;
    return of_wealth + of_paths + records_bytes(options) + (1 << 20);
}

enum status results_check_compression(void)
{
    unsigned can = 0;
    if (H5Zfilter_avail(H5Z_FILTER_DEFLATE) > 0 && H5Zget_filter_info(H5Z_FILTER_DEFLATE, &can) >= 0 &&
        (can & H5Z_FILTER_CONFIG_ENCODE_ENABLED))
        return WS_OK;
    return error_add(WS_USAGE, "--compress: this HDF5 (%s) has no deflate filter", version_hdf5());
}

static void explain(hid_t file, const char *name, const char *why)
{
    const hid_t variable = H5(H5Dopen2(file, name, H5P_DEFAULT));
    h5_attribute_text(variable, "comment", why);
    H5(H5Dclose(variable));
}

/* Why standard errors are left out. */
static void explain_errors(hid_t file, const struct theory *theory)
{
    if (!theory->has_variance) {
        explain(file, "mean_error", "NaN: the model has no finite variance");
        explain(file, "gini_error", "NaN: the model has no finite variance");
    }
    if (!theory->has_fourth_moment)
        explain(file, "variance_error", "NaN: the model has no finite fourth moment");
}

/* What theory says of the stationary law: moments, tail, quantiles; NaN where it says nothing. */
static enum status write_theory(hid_t file, const struct options *options)
{
    const struct theory theory = theory_of(&options->model);
    const int64_t n = options->n_quantiles;
    struct stationary *law = NULL;
    double quantiles[OPTION_LIST];
    if (stationary_create(&law, &options->model) != WS_OK)
        return WS_FAILED;
    for (int64_t i = 0; i < n; i++) {
        const double p = options->quantiles[i];
        quantiles[i] = p > 0 && p < 1 ? stationary_quantile(law, p) : NAN;
    }
    h5_attribute_real(file, "theory_mean", theory.mean);
    h5_attribute_real(file, "theory_variance", theory.variance);
    h5_attribute_real(file, "theory_tail_index", theory.tail_index);
    h5_attribute_real(file, "theory_gini", stationary_gini(law));
    stationary_destroy(law);
    explain_errors(file, &theory);

    const struct h5_dimension probability = {
        .name = "probability", .length = n, .scale = H5(H5Dopen2(file, "probability", H5P_DEFAULT))};
    h5_write_variable(file, "stationary_quantile", H5T_NATIVE_DOUBLE, &probability, 1, quantiles,
        "quantiles of the stationary law, by theory; NaN where there is none", "1");
    H5(H5Dclose(probability.scale));
    return WS_OK;
}

/* Room for the households' wealth, which all ranks write later. */
static void lay_out_wealth(hid_t file, const struct options *options)
{
    static const char long_name[] = "wealth at the end, by household";
    const struct h5_dimension household = h5_create_dimension(file, "household", options->households);
    if (options->compress > 0)
        H5(H5Dclose(h5_create_compressed(
            file, "wealth", H5T_NATIVE_DOUBLE, &household, (int)options->compress, long_name, "1")));
    else
        h5_write_variable(file, "wealth", H5T_NATIVE_DOUBLE, &household, 1, NULL, long_name, "1");
    H5(H5Dclose(household.scale));
}

/* What rank 0 writes before the others come in. */
static enum status lay_out(hid_t file, const void *content)
{
    const struct results *results = content;
    const struct options *options = results->options;
    if (!isnan(options->coalescence))
        h5_attribute_int(file, "coalescence_period", results->coalescence);
    enum status status = records_write(file, options, results->records, results->n_records);
    if (status == WS_OK)
        status = write_theory(file, options);
    if (!options->no_wealth)
        lay_out_wealth(file, options);
    if (options->paths > 0 && status == WS_OK)
        status = paths_lay_out(file, options->paths, options->periods);
    return status;
}

/* What all ranks write. @return how many variables */
static int list_rows(const struct results *results, struct rows *rows)
{
    const struct options *options = results->options;
    const struct population *population = results->population;
    const struct rows wealth = {.name = "wealth",
        .first = population->part.first_household,
        .n = population->part.n_local,
        .data = population->wealth,
        .compression = (int)options->compress};
    int n = 0;
    if (options->paths > 0)
        rows[n++] = paths_rows(population, population->part.first_household);
    if (!options->no_wealth)
        rows[n++] = wealth;
    return n;
}

struct result_file results_file(const struct results *results, struct rows *rows)
{
    const struct options *options = results->options;
    return (struct result_file){.options = options,
        .takes = results->takes,
        .command = "run",
        .title = "Wealth of a population of households",
        .hash = results->hash,
        .rate_name = "household_periods_per_second",
        .work = (double)options->households * (double)results->population->period,
        .rows = rows,
        .n_rows = list_rows(results, rows),
        .bytes_later = options->compress > 0 ? 0 : results_bytes(options),
        .timers = results->timers,
        .start = results->start,
        .content = results,
        .lay_out = lay_out};
}
