#include "commands/scenarios.h"
#include "commands/model_input.h"
#include "commands/scenario_table.h"
#include "commands/start.h"
#include "core/hash.h"
#include "files/repeats.h"
#include "files/table.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What begins a message on a scenario: its row, or nothing. */
static const char *where(const struct scenarios *scenarios, int i, char text[TABLE_PLACE])
{
    text[0] = '\0';
    return scenarios->lines ? table_where(scenarios->file, i, scenarios->lines[i], text) : text;
}

const char *scenarios_name(const struct scenarios *scenarios, int i, char *text)
{
    text[0] = '\0';
    if (scenarios->n == 1)
        return text;
    size_t used = (size_t)snprintf(text, SCENARIO_NAME, "row %d (", i + 1);
    for (int j = 0; j < scenarios->n_columns; j++) {
        const struct scenario_column *column = &scenarios->columns[j];
        char value[SCENARIO_NAME];
        if (column->values)
            snprintf(value, sizeof value, "%.10g", column->values[i]);
        else
            snprintf(value, sizeof value, "%.*s", SCENARIO_NAME - 1,
                column->texts + (size_t)i * column->text_bytes);
        if (used < SCENARIO_NAME)
            used += (size_t)snprintf(text + used, SCENARIO_NAME - used, "%s%s=%s", j > 0 ? " " : "",
                column->name, value[0] ? value : "-");
    }
    if (used < SCENARIO_NAME)
        snprintf(text + used, SCENARIO_NAME - used, ")");
    return text;
}

/* ---- files that several scenarios have ------------------------------------------------------------------------------ */

static struct file_use model_of(const struct scenario_options *scenario)
{
    return (struct file_use){.text = scenario->models.tabulated.file};
}

static struct file_use start_of(const struct scenario_options *scenario)
{
    struct file_use use = {.text = scenario->initial};
    models_range(&scenario->models, &use.low, &use.high);
    return use;
}

/* On rank 0, whose sight of files all ranks are given: which scenario is the first with the same file. Collective. */
static enum status find_repeats(const struct scenarios *scenarios,
    struct file_use (*use_of)(const struct scenario_options *scenario), int *first, const struct comm *comm)
{
    const size_t n = comm->rank == 0 ? (size_t)scenarios->n : 0;
    if (scenarios->n == 1)
        return WS_OK;
    struct file_use *uses = malloc((n + 1) * sizeof *uses);
    enum status status = uses ? WS_OK : error_memory(n * sizeof *uses, "the scenarios' files");
    for (size_t i = 0; i < n && status == WS_OK; i++)
        uses[i] = use_of(&scenarios->of[i]);
    if (n > 0 && status == WS_OK)
        status = repeats_find(uses, scenarios->n, first);
    free(uses);
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        MPI_CHECK(MPI_Bcast(first, scenarios->n, MPI_INT, 0, comm->world));
    return status;
}

/* Room for it, with each scenario the first as long as nothing else is found. */
static enum status create_firsts(struct scenarios *scenarios)
{
    const size_t bytes = (size_t)scenarios->n * sizeof(int);
    scenarios->readers = malloc(bytes);
    scenarios->first_model = calloc(1, bytes);
    scenarios->first_start = calloc(1, bytes);
    const bool has_room = scenarios->readers && scenarios->first_model && scenarios->first_start;
    for (int i = 0; i < scenarios->n && has_room; i++)
        scenarios->first_model[i] = scenarios->first_start[i] = i;
    return has_room ? WS_OK : error_memory(3 * bytes, "the scenarios");
}

/* ---- model files ---------------------------------------------------------------------------------------------------- */

/* What a file says for a scenario, read already for another. */
static void share_model(struct models_parameters *models, const struct models_parameters *reader)
{
    struct tabulated_parameters *own = &models->tabulated;
    own->data = reader->tabulated.data;
    own->model = reader->tabulated.model;
    own->w0 = models->kesten.w0;
    memcpy(own->digest, reader->tabulated.digest, sizeof own->digest);
}

/* Read each file once. Collective. */
static enum status load_models(struct scenarios *scenarios, const struct comm *comm)
{
    char place[TABLE_PLACE];
    enum status status = find_repeats(scenarios, model_of, scenarios->first_model, comm);
    for (int i = 0; i < scenarios->n && status != WS_FAILED; i++) {
        struct models_parameters *models = &scenarios->of[i].models;
        const int first = scenarios->first_model[i];
        if (first != i)
            share_model(models, &scenarios->of[first].models);
        if (first != i || !models->tabulated.file[0])
            continue;
        error_where(where(scenarios, i, place));
        const enum status loaded = model_load(models, comm);
        error_where("");
        scenarios->readers[scenarios->n_readers++] = i;
        status = loaded != WS_OK ? loaded : status;
    }
    return status;
}

/* ---- the digest ----------------------------------------------------------------------------------------------------- */

/* Texts end with a zero: none is the beginning of another. Of a model file it is what it says that counts, and not where. */
static uint64_t hash_text(const char *text, uint64_t hash)
{
    return hash_bytes(text, strlen(text) + 1, hash);
}

static uint64_t hash_column(
    const struct scenarios *scenarios, const struct scenario_column *column, uint64_t hash)
{
    const bool is_model = strcmp(column->name, "model") == 0;
    hash = hash_text(column->name, hash);
    if (column->values)
        return hash_bytes(column->values, (size_t)scenarios->n * sizeof *column->values, hash);
    for (int i = 0; i < scenarios->n; i++)
        hash = hash_text(is_model ? scenarios->of[i].models.tabulated.digest
                                  : column->texts + (size_t)i * column->text_bytes,
            hash);
    return hash;
}

/* In the order of the options. */
static void set_digest(struct scenarios *scenarios)
{
    struct option_value value;
    uint64_t hash = hash_bytes(&scenarios->n, sizeof scenarios->n, 0);
    for (int i = 0; options_value(&scenario_options, scenarios->of, i, &value); i++)
        for (int j = 0; j < scenarios->n_columns; j++)
            if (strcmp(scenarios->columns[j].name, value.name) == 0)
                hash = hash_column(scenarios, &scenarios->columns[j], hash);
    snprintf(scenarios->digest, sizeof scenarios->digest, "%016" PRIx64, hash);
}

/* ---- checks --------------------------------------------------------------------------------------------------------- */

/* Start values, and the row says where they come from: a file that several rows have is looked at once. */
static enum status check_start(const struct scenarios *scenarios, int i)
{
    return scenarios->first_start[i] == i ? start_check(scenarios->of[i].initial, &scenarios->of[i].models)
                                          : WS_OK;
}

/* The row's own w0 would mean nothing. */
static enum status check_w0(const struct scenarios *scenarios, int i)
{
    const struct tabulated_data *data = scenarios->of[i].models.tabulated.data;
    if (!data || !data->values[INITIAL_WEALTH] || !scenarios->has_w0 || !scenarios->has_w0[i])
        return WS_OK;
    return error_add(WS_USAGE,
        "w0: the model file has initial_wealth: write - here, or give start values in a column initial");
}

/* A coupled run begins within the bounds of the model, too. */
static enum status check_coalescence(const struct models_parameters *models, double coalescence)
{
    double low, high;
    models_range(models, &low, &high);
    if (isnan(coalescence) || (coalescence >= low && coalescence <= high))
        return WS_OK;
    return error_add(WS_USAGE, "--coalescence: %.10g is not within %.10g and %.10g, the bounds of wealth",
        coalescence, low, high);
}

enum status scenarios_check(const struct scenarios *scenarios, const struct options *options,
    const struct option_command *command, int64_t periods, double coalescence)
{
    char place[TABLE_PLACE];
    enum status status = WS_OK;
    if (scenarios->n_readers > 0)
        status = model_check_given(options, command, &scenarios->of[scenarios->readers[0]].models);
    for (int i = 0, reader = 0; i < scenarios->n; i++) {
        const struct models_parameters *models = &scenarios->of[i].models;
        const bool is_reader = reader < scenarios->n_readers && scenarios->readers[reader] == i;
        error_where(where(scenarios, i, place));
        const enum status each[] = {is_reader ? model_check_file(options, command, models, periods) : WS_OK,
            models_check(models), check_w0(scenarios, i), check_start(scenarios, i),
            check_coalescence(models, coalescence)};
        reader += is_reader;
        for (size_t j = 0; j < sizeof each / sizeof each[0]; j++)
            status = each[j] != WS_OK ? each[j] : status;
    }
    error_where("");
    return status;
}

/* ---- the files ------------------------------------------------------------------------------------------------------ */

/* Add the scenarios' files of an option, each once. @return how many there are then */
static int add_files(const struct scenarios *scenarios, const char *option, size_t offset, const int *first,
    struct named_file *files, int n)
{
    for (int i = 0; i < scenarios->n; i++) {
        const char *path = (const char *)&scenarios->of[i] + offset;
        if (path[0] && first[i] == i)
            files[n++] = (struct named_file){.option = option, .path = path};
    }
    return n;
}

int scenarios_files(const struct scenarios *scenarios, const struct options *options,
    const struct option_command *command, struct named_file *files)
{
    const struct {
        const char *option;
        size_t offset;
        const int *first;
    } kinds[] = {{"initial", offsetof(struct scenario_options, initial), scenarios->first_start},
        {"model", offsetof(struct scenario_options, models.tabulated.file), scenarios->first_model}};
    int n = 0;
    if (scenarios->file[0])
        files[n++] = (struct named_file){.option = "scenarios", .path = scenarios->file};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        n = add_files(scenarios,
            options_is_given(options, command, kinds[i].option) ? kinds[i].option : "scenarios",
            kinds[i].offset, kinds[i].first, files, n);
    return n;
}

void scenarios_fields(const struct scenarios *scenarios, struct fields *fields)
{
    fields_add_text(fields, "scenarios_digest", scenarios->digest);
    struct field *digest = &fields->of[fields->n - 1];
    digest->is_identity = true;
    digest->option = "scenarios: digest of what the table says";
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

static void free_columns(struct scenarios *scenarios)
{
    for (int i = 0; i < SCENARIO_COLUMNS; i++) {
        free(scenarios->columns[i].values);
        free(scenarios->columns[i].texts);
        scenarios->columns[i] = (struct scenario_column){.name = NULL};
    }
    scenarios->n_columns = 0;
}

static void free_rows(struct scenarios *scenarios)
{
    free(scenarios->of);
    free(scenarios->lines);
    free(scenarios->has_w0);
    free(scenarios->readers);
    free(scenarios->first_model);
    free(scenarios->first_start);
    scenarios->readers = scenarios->first_model = scenarios->first_start = NULL;
    scenarios->of = NULL;
    scenarios->lines = NULL;
    scenarios->has_w0 = NULL;
    scenarios->n = 0;
}

/* One scenario: what the options say. */
static enum status take_options(struct scenarios *scenarios, const struct scenario_options *base)
{
    free_rows(scenarios);
    free_columns(scenarios);
    scenarios->of = malloc(sizeof *base);
    if (!scenarios->of)
        return error_memory(sizeof *base, "the scenarios");
    *scenarios->of = *base;
    scenarios->n = 1;
    return WS_OK;
}

enum status scenarios_load(struct scenarios *scenarios, const struct options *options,
    const struct option_command *command, const char *file, const struct models_parameters *models,
    const char *initial, const struct comm *comm)
{
    struct scenario_options base = {.models = *models};
    enum status read = WS_OK, made = WS_OK;
    memset(scenarios, 0, sizeof *scenarios);
    snprintf(base.initial, sizeof base.initial, "%s", initial);
    snprintf(scenarios->file, sizeof scenarios->file, "%s", file);
    if (file[0])
        read = scenario_table_read(scenarios, options, command, &base, comm);
    if (read == WS_FAILED) { /* on all ranks: none is to have rows that another has not */
        free_rows(scenarios);
        return read;
    }
    if (!scenarios->of)
        made = take_options(scenarios, &base);
    if (made == WS_OK)
        made = create_firsts(scenarios);
    made = error_agree(comm->world, made);
    if (made != WS_OK) {
        free_rows(scenarios);
        return made;
    }
    enum status loaded = load_models(scenarios, comm);
    if (loaded != WS_FAILED && find_repeats(scenarios, start_of, scenarios->first_start, comm) != WS_OK)
        loaded = WS_FAILED;
    if (loaded != WS_FAILED && scenarios->n > 1)
        set_digest(scenarios);
    else
        free_columns(scenarios);
    if (loaded == WS_OK && read == WS_OK)
        loaded = models_unite(&scenarios->of[0].models, sizeof *scenarios->of, scenarios->n);
    return loaded != WS_OK ? loaded : read;
}

void scenarios_free(struct scenarios *scenarios)
{
    for (int i = 0; i < scenarios->n_readers; i++)
        model_release(&scenarios->of[scenarios->readers[i]].models);
    free_columns(scenarios);
    free_rows(scenarios);
    memset(scenarios, 0, sizeof *scenarios);
}
