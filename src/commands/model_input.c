#include "commands/model_input.h"
#include "commands/preflight.h"
#include "files/fields.h"
#include "files/model_file.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Parameters of the built-in model. */
static const char *const others[] = {"r", "s", "v1", "v2", NULL};

const char *const *model_meaningless(const struct models_parameters *models)
{
    return models->tabulated.file[0] ? others : NULL;
}

enum status model_load(struct models_parameters *models, const struct comm *comm)
{
    struct tabulated_parameters *tabulated = &models->tabulated;
    if (!tabulated->file[0])
        return WS_OK;
    struct tabulated_data *data = calloc(1, sizeof *data);
    enum status status =
        error_agree(comm->world, data ? WS_OK : error_memory(sizeof *data, "the model file's tables"));
    if (status == WS_OK)
        status = model_file_read(comm, tabulated->file, data);
    if (status != WS_OK) {
        tabulated_data_free(data);
        free(data);
        return status;
    }
    tabulated->data = data;
    tabulated->model = tabulated_model(data);
    snprintf(tabulated->digest, sizeof tabulated->digest, "%016" PRIx64, data->digest);
    tabulated->w0 = models->kesten.w0; /* --w0 is the start of both */
    return WS_OK;
}

void model_release(struct models_parameters *models)
{
    struct tabulated_data *data = models->tabulated.data;
    tabulated_data_free(data);
    free(data);
    models->tabulated.data = NULL;
}

enum status model_check_given(const struct options *options, const struct option_command *command,
    const struct models_parameters *models)
{
    enum status status = WS_OK;
    for (int i = 0; others[i] && models->tabulated.file[0]; i++)
        if (options_is_given(options, command, others[i]))
            status = error_add(WS_USAGE,
                "--%s: is a parameter of the built-in model, and --model names another: take one of the two "
                "away",
                others[i]);
    if (models->tabulated.file[0] && models->kesten.precision != KESTEN_DOUBLE)
        status = error_add(WS_USAGE,
            "--precision: is of the built-in model, and the rule of a model file is computed in double: take "
            "--precision or --model away");
    return status;
}

enum status model_check_file(const struct options *options, const struct option_command *command,
    const struct models_parameters *models, int64_t periods)
{
    const struct tabulated_data *data = models->tabulated.data;
    enum status status = WS_OK;
    if (!data)
        return WS_OK;
    if (data->values[INITIAL_WEALTH] && options_is_given(options, command, "w0"))
        status = error_add(WS_USAGE,
            "--w0: the model file has initial_wealth: take one of the two away, or give --initial FILE");
    if (data->values[AGGREGATE_PATH] && data->length[TABULATED_PERIOD] < periods)
        status = error_add(WS_USAGE,
            "--periods: %" PRId64 " periods, and aggregate_path of '%s' has %" PRId64
            ": give at most so many",
            periods, models->tabulated.file, data->length[TABULATED_PERIOD]);
    return status;
}

enum status model_check(const struct options *options, const struct option_command *command,
    const struct models_parameters *models, int64_t periods)
{
    const enum status given = model_check_given(options, command, models);
    const enum status checks[] = {
        given, model_check_file(options, command, models, periods), models_check(models)};
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

void model_fields(const struct models_parameters *models, struct fields *fields)
{
    fields_add_text(fields, "model_digest", models->tabulated.digest);
    struct field *digest = &fields->of[fields->n - 1];
    digest->is_identity = true;
    digest->option = "model: digest of what the file says";
}
