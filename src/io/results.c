#include "io/results.h"
#include "io/durable.h"
#include "io/h5.h"
#include "io/saved_options.h"
#include "model/stationary.h"
#include "model/theory.h"
#include "runtime/version.h"
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Bytes of paths that no disk has; more of them are not counted, so that sums stay in range. */
static const int64_t uncountable = (int64_t)1 << 62;

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

static void write_attributes(hid_t file, const struct comm *comm, const struct results *results)
{
    char text[OPTION_TEXT + 64], date[32];
    const time_t now = time(NULL);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));

    h5_attribute_text(file, "title", "Wealth of a population of households");
    h5_attribute_text(file, "Conventions", "CF-1.8");
    snprintf(text, sizeof text, "%d.%d", RESULTS_FORMAT_MAJOR, RESULTS_FORMAT_MINOR);
    h5_attribute_text(file, "format_version", text);
    snprintf(text, sizeof text, "%016" PRIx64, results->hash);
    h5_attribute_text(file, "result_hash", text);
    h5_attribute_text(file, "date_created", date);
    snprintf(text, sizeof text, "%s: %s", date, results->options->command_line);
    h5_attribute_text(file, "history", text);

    if (!isnan(results->options->coalescence))
        h5_attribute_int(file, "coalescence_period", results->coalescence);

    struct options used = *results->options;
    used.threads = results->population->threads;
    saved_options_write(file, &used, results->takes);

    h5_attribute_int(file, "block_size", BLOCK_SIZE);
    h5_attribute_int(file, "ranks", comm->size);
    h5_attribute_int(file, "hosts", comm->n_hosts);
    h5_attribute_text(file, "vector_code", vector_level_name(results->population->law.level));
    h5_attribute_text(file, "wealthsim_version", version_wealthsim());
    h5_attribute_text(file, "compiler", version_compiler());
    h5_attribute_text(file, "compiler_flags", version_compiler_flags());
    h5_attribute_text(file, "mpi_version", version_mpi());
    h5_attribute_text(file, "hdf5_version", version_hdf5());
    h5_attribute_text(file, "sprng_version", sprng_version());
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

/* Room for the paths. Steps count from 0 to T; they are written here. */
static enum status lay_out_paths(hid_t file, const struct options *options)
{
    const int64_t n = options->periods + 1;
    int64_t *steps = malloc((size_t)n * sizeof *steps);
    if (!steps)
        return error_memory((size_t)n * sizeof *steps, "the paths' steps");
    for (int64_t i = 0; i < n; i++)
        steps[i] = i;
    const struct h5_dimension dimensions[] = {h5_create_dimension(file, "path", options->paths),
        h5_create_coordinate(file, "step", n, H5T_NATIVE_INT64, steps, "period of the path", "1")};
    free(steps);
    h5_write_variable(file, "path_wealth", H5T_NATIVE_DOUBLE, dimensions, 2, NULL,
        "wealth of the first households at every period", "1");
    H5(H5Dclose(dimensions[0].scale));
    H5(H5Dclose(dimensions[1].scale));
    return WS_OK;
}

static const char *const timing_names[PHASES] = {"seconds of advancing households, on a core",
    "seconds of waiting for the rank's other threads or for a core",
    "seconds of statistics and messages between ranks", "seconds of writing the file"};

/* Room for the seconds, which are known only when all else is written. */
static void lay_out_timing(hid_t file, int ranks, int threads)
{
    const hid_t group = h5_create_group(file, "timing");
    const struct h5_dimension dimensions[] = {
        h5_create_dimension(group, "rank", ranks), h5_create_dimension(group, "thread", threads)};
    for (int phase = 0; phase < PHASES; phase++)
        H5(H5Dclose(h5_create_variable(group, phase_name((enum phase)phase), H5T_NATIVE_DOUBLE, dimensions, 2,
            NULL, timing_names[phase], "s")));
    H5(H5Dclose(dimensions[0].scale));
    H5(H5Dclose(dimensions[1].scale));
    H5(H5Gclose(group));
    h5_attribute_real(file, "elapsed_seconds", 0);
    h5_attribute_real(file, "household_periods_per_second", 0);
}

/* What rank 0 writes before the others come in. */
static enum status lay_out(
    const char *path, const struct comm *comm, const struct results *results, int threads)
{
    const struct options *options = results->options;
    h5_begin();
    const hid_t file = h5_create_file();
    write_attributes(file, comm, results);
    enum status status = records_write(file, options, results->records, results->n_records);
    if (status == WS_OK)
        status = write_theory(file, options);
    if (!options->no_wealth)
        lay_out_wealth(file, options);
    if (options->paths > 0 && status == WS_OK)
        status = lay_out_paths(file, options);
    lay_out_timing(file, comm->size, threads);
    const enum status saved = h5_save(file, path, options->compress > 0 ? 0 : results_bytes(options));
    return status == WS_OK ? saved : status;
}

/* Seconds of all ranks and threads, on rank 0: [PHASES][size][threads], NaN for threads that a rank does not have.
 * Collective. @return NULL on other ranks. */
static double *gather_seconds(const struct comm *comm, const struct timers *timers, int threads)
{
    double *mine = malloc((size_t)threads * sizeof *mine), *all = NULL;
    if (comm->rank == 0)
        all = malloc((size_t)PHASES * (size_t)comm->size * (size_t)threads * sizeof *all);
    if (!mine || (comm->rank == 0 && !all))
        error_abort(__FILE__, __LINE__, "gather_seconds", "no memory for the ranks' seconds");
    for (int phase = 0; phase < PHASES; phase++) {
        for (int i = 0; i < threads; i++)
            mine[i] = i < timers->threads ? timers->seconds[i][phase] : NAN;
        double *of_phase = all ? all + (size_t)phase * (size_t)comm->size * (size_t)threads : NULL;
        MPI_CHECK(MPI_Gather(mine, threads, MPI_DOUBLE, of_phase, threads, MPI_DOUBLE, 0, comm->world));
    }
    free(mine);
    return all;
}

static void write_times(hid_t file, const struct comm *comm, const struct results *results, int threads)
{
    const double elapsed = timers_now() - results->start;
    const double work = (double)results->options->households * (double)results->population->period;
    double *seconds = gather_seconds(comm, results->timers, threads);
    const hid_t group = H5(H5Gopen2(file, "timing", H5P_DEFAULT));
    for (int phase = 0; phase < PHASES; phase++)
        h5_overwrite_variable(comm->world, group, phase_name((enum phase)phase),
            seconds ? seconds + (size_t)phase * (size_t)comm->size * (size_t)threads : NULL);
    H5(H5Gclose(group));
    h5_overwrite_attribute(comm->world, file, "elapsed_seconds", elapsed);
    h5_overwrite_attribute(comm->world, file, "household_periods_per_second", work / elapsed);
    free(seconds);
}

/* What all ranks write together. */
static enum status write_together(
    const char *path, const struct comm *comm, const struct results *results, int threads, double start)
{
    const struct population *population = results->population;
    h5_begin();
    const hid_t file = h5_open_parallel(comm->world, path);
    enum status status = error_agree(comm->world, h5_status());
    if (status == WS_OK) {
        if (!results->options->no_wealth)
            h5_write_rows(comm->world, file, "wealth", H5T_NATIVE_DOUBLE, population->wealth,
                population->part.first_household, population->part.n_local);
        if (results->options->paths > 0)
            h5_write_rows(comm->world, file, "path_wealth", H5T_NATIVE_DOUBLE, population->path,
                population->part.first_household, population->n_paths_local);
        status = error_agree(comm->world, h5_status());
    }
    timers_add(results->timers, 0, PHASE_WRITING, start);
    if (status == WS_OK)
        write_times(file, comm, results, threads);
    h5_close_parallel(file);
    return h5_status();
}

enum status results_write(const struct comm *comm, const struct results *results)
{
    const char *path = results->options->output;
    char temporary[DURABLE_PATH];
    int threads = 0;
    enum status status = WS_OK;
    const double start = timers_now();
    MPI_CHECK(MPI_Allreduce(&results->timers->threads, &threads, 1, MPI_INT, MPI_MAX, comm->world));
    durable_begin(comm, path, temporary);
    if (comm->rank == 0)
        status = lay_out(temporary, comm, results, threads);
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status = error_agree(comm->world, write_together(temporary, comm, results, threads, start));
    if (status == WS_OK)
        status = durable_commit(comm, temporary, path);
    else
        durable_abandon(comm, temporary);
    if (status != WS_OK && comm->rank == 0)
        error_add(status, "the result could not be written to '%s': an earlier file is as it was", path);
    return status;
}
