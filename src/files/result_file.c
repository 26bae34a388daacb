#include "files/result_file.h"
#include "core/core_use.h"
#include "core/version.h"
#include "files/atomic_file.h"
#include "files/h5.h"
#include "models/model.h"
#include "simd/simd.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static void write_attributes(hid_t file, const struct comm *comm, const struct result_file *result)
{
    char text[FIELD_TEXT + 64], date[32];
    const time_t now = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));

    h5_attribute_text(file, "title", result->title);
    h5_attribute_text(file, "result_of", result->command);
    h5_attribute_text(file, "Conventions", "CF-1.8");
    snprintf(text, sizeof text, "%d.%d", RESULT_FORMAT_MAJOR, RESULT_FORMAT_MINOR);
    h5_attribute_text(file, "format_version", text);
    snprintf(text, sizeof text, "%016" PRIx64, result->hash);
    h5_attribute_text(file, "result_hash", text);
    h5_attribute_text(file, "date_created", date);
    snprintf(text, sizeof text, "%s: %s", date, result->history);
    h5_attribute_text(file, "history", text);

    fields_write(file, result->attributes);

    h5_attribute_int(file, "block_size", BLOCK_SIZE);
    h5_attribute_int(file, "ranks", comm->size);
    h5_attribute_int(file, "hosts", comm->n_hosts);
    h5_attribute_text(file, "vector_code", simd_name());
    h5_attribute_text(file, "wealthsim_version", version_wealthsim());
    h5_attribute_text(file, "compiler", version_compiler());
    h5_attribute_text(file, "compiler_flags", version_compiler_flags());
    h5_attribute_text(file, "mpi_version", version_mpi());
    h5_attribute_text(file, "hdf5_version", version_hdf5());
    h5_attribute_text(file, "sprng_version", version_sprng());
}

static const char *const timing_names[PHASES] = {"seconds of computing, on a core",
    "seconds of waiting for the rank's other threads or for a core",
    "seconds of statistics and messages between ranks", "seconds of writing the file"};

/* Where the ranks' threads sat, and room for the seconds, which are known only when all else is written. */
static void lay_out_timing(hid_t file, const struct core_use *use, const char *rate_name)
{
    const hid_t group = h5_create_group(file, "timing");
    const struct h5_dimension dimensions[] = {
        h5_create_dimension(group, "rank", use->ranks), h5_create_dimension(group, "thread", use->threads)};
    for (int phase = 0; phase < PHASES; phase++)
        H5(H5Dclose(h5_create_variable(group, phase_name((enum phase)phase), H5T_NATIVE_DOUBLE, dimensions, 2,
            NULL, timing_names[phase], "s")));
    H5(H5Dclose(h5_create_variable(group, "core_share", H5T_NATIVE_DOUBLE, dimensions, 2, NULL,
        "share of a core: computing by elapsed seconds", "1")));
    h5_write_variable(group, "core", H5T_NATIVE_DOUBLE, dimensions, 2, use->core,
        "number of the core that the thread was on last; -1 where it did not work, NaN where there is none",
        "1");
    h5_write_texts(group, "host", dimensions, use->hosts[0], CORE_USE_HOST, "host of the rank");
    H5(H5Dclose(dimensions[0].scale));
    H5(H5Dclose(dimensions[1].scale));
    H5(H5Gclose(group));
    h5_attribute_real(file, "elapsed_seconds", 0);
    h5_attribute_real(file, rate_name, 0);
}

/* What rank 0 writes before the others come in. */
static enum status lay_out(
    const char *path, const struct comm *comm, const struct result_file *result, const struct core_use *use)
{
    h5_begin();
    const hid_t file = h5_create_file();
    write_attributes(file, comm, result);
    const enum status status = variables_write(file, result->variables, result->n_variables);
    lay_out_timing(file, use, result->rate_name);
    const enum status saved = h5_save(file, path, result->bytes_later);
    return status != WS_OK ? status : saved;
}

/* Where the seconds went, on rank 0: the last that is written. */
static enum status write_times(const char *path, const struct result_file *result, struct core_use *use)
{
    const double elapsed = timers_now() - result->start;
    double *share = core_use_phase(use, PHASE_COMPUTING);
    h5_begin();
    const hid_t file = h5_open_alone(path);
    const hid_t group = H5(H5Gopen2(file, "timing", H5P_DEFAULT));
    for (int phase = 0; phase < PHASES; phase++)
        h5_overwrite_variable(group, phase_name((enum phase)phase), core_use_phase(use, (enum phase)phase));
    for (int i = 0; i < use->ranks * use->threads; i++)
        share[i] /= elapsed;
    h5_overwrite_variable(group, "core_share", share);
    H5(H5Gclose(group));
    h5_overwrite_attribute(file, "elapsed_seconds", elapsed);
    h5_overwrite_attribute(file, result->rate_name, result->work / elapsed);
    h5_close_written(file);
    return h5_status();
}

/* All that goes into the temporary. Collective. */
static enum status write_content(
    const struct comm *comm, const char *temporary, const struct result_file *result, double start)
{
    struct core_use use;
    enum status status = WS_OK;
    core_use_gather(comm, result->timers, &use);
    if (comm->rank == 0)
        status = lay_out(temporary, comm, result, &use);
    core_use_destroy(&use);
    status = error_agree(comm->world, status);
    if (status == WS_OK && result->n_rows > 0)
        status = rows_write(comm, temporary, result->rows, result->n_rows);
    timers_add(result->timers, 0, PHASE_WRITING, start);
    core_use_gather(comm, result->timers, &use);
    if (status == WS_OK && comm->rank == 0)
        status = write_times(temporary, result, &use);
    core_use_destroy(&use);
    return error_agree(comm->world, status);
}

enum status result_file_write(const struct comm *comm, const struct result_file *result)
{
    const char *path = result->path;
    char temporary[ATOMIC_FILE_PATH];
    const double start = timers_now();
    bool is_replaced = false;
    enum status status = atomic_file_begin(comm, path, temporary);
    if (status == WS_OK)
        status = write_content(comm, temporary, result, start);
    if (status == WS_OK)
        status = atomic_file_commit(comm, temporary, path, &is_replaced);
    else
        atomic_file_abandon(comm, temporary);
    if (status != WS_OK && !is_replaced && comm->rank == 0)
        error_add(status, "the result could not be written to '%s': an earlier file is as it was", path);
    return status;
}
