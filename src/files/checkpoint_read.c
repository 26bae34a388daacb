#include "files/checkpoint_file.h"
#include "files/h5.h"
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHAT_BYTES = 160, NAME_BYTES = 64 };

/* ---- the large arrays ------------------------------------------------------------------------------------------- */

/* Leave the memory of this run alone where a file's section has another shape. @return whether all have this run's */
static bool keep_fitting(
    struct sections *sections, const struct trailer *trailer, const struct checkpoint_state *state)
{
    struct section_range ours[SECTION_KINDS];
    const struct section_range *theirs = trailer->ranges;
    const bool are_as_many = trailer->households == state->population->part.n_global;
    bool all_fit = are_as_many;
    sections_list(ours, state, theirs[SECTION_STREAMS].row_bytes,
        theirs[SECTION_PATHS].row_bytes / (int64_t)sizeof(double));
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        const bool fits = theirs[kind].n_global == ours[kind].n_global &&
                          (ours[kind].n_global == 0 || (theirs[kind].row_bytes == ours[kind].row_bytes &&
                                                           theirs[kind].planes == ours[kind].planes));
        if (!fits || !are_as_many) {
            sections->of[kind].data = NULL;
            sections->of[kind].take = NULL;
        }
        all_fit = all_fit && fits;
    }
    return all_fit;
}

/* An array of the model's state, looked at while it is read and still lies in a near cache: whether what is there was written
 * so is known later. invalid: [scenarios] of this rank's values the first that no household can have, n_local: none. */
struct looking {
    const struct population *population;
    int array;
    int64_t invalid[];
};

static void look(void *taker, int64_t first, int64_t n, const unsigned char *rows)
{
    struct looking *looking = taker;
    const struct population *population = looking->population;
    const int64_t n_local = population->part.n_local, scenario = first / n_local, i = first % n_local;
    const int64_t found =
        population->model->find_invalid(population->scenarios[scenario].law, looking->array, rows, n);
    if (found < n && looking->invalid[scenario] == n_local)
        looking->invalid[scenario] = i + found;
}

/* Have the arrays that the run takes looked at. */
static enum status begin_looking(struct sections *sections, const struct population *population)
{
    const size_t bytes = sizeof(struct looking) + (size_t)population->n_scenarios * sizeof(int64_t);
    for (int array = 0; array < population->model->n_arrays; array++) {
        struct section *section = &sections->of[SECTION_ARRAYS + array];
        struct looking *looking = section->data ? malloc(bytes) : NULL;
        if (section->data && !looking)
            return error_memory(bytes, "the checkpoint's arrays");
        if (!looking)
            continue;
        *looking = (struct looking){population, array};
        for (int i = 0; i < population->n_scenarios; i++)
            looking->invalid[i] = population->part.n_local;
        section->take = look;
        section->taker = looking;
    }
    return WS_OK;
}

static void end_looking(struct sections *sections)
{
    for (int array = 0; array < MODEL_ARRAYS; array++) {
        struct section *section = &sections->of[SECTION_ARRAYS + array];
        if (section->take == look)
            free(section->taker);
    }
}

/* Have the streams made while the disk is at work; none where the file's are not taken. */
static enum status begin_streams(
    struct sections *sections, const struct checkpoint_state *state, struct streams_restoring *restoring)
{
    struct section *streams = &sections->of[SECTION_STREAMS];
    streams->taker = restoring;
    return streams_restore_begin(restoring, state->family, streams->take ? streams->n : 0,
        state->population->threads, (size_t)streams->range.row_bytes);
}

/* Read this rank's rows of all sections into the run's memory, and see that the whole file is as it was written.
 * Collective. */
static enum status read_arrays(
    const struct comm *comm, struct checkpoint_source *source, const struct sections *sections)
{
    uint64_t mine = 0;
    enum status status = WS_OK;
    posix_fadvise(source->file, 0, 0, POSIX_FADV_SEQUENTIAL);
    for (int kind = 0; status == WS_OK && kind < SECTION_KINDS; kind++)
        status = section_read(source->file, source->path, &sections->of[kind], &mine);
    return checkpoint_check_digest(comm, source, status, mine);
}

/* ---- what a run could not have written -------------------------------------------------------------------------- */

/* A run's period, number of records, and where its arrays lie, as the file says. */
struct head {
    int64_t period, n_records;
};

/* The records before a period; the last record of a run that ended there may be one more. */
static bool is_possible_number(const struct recording *recording, const struct head *head)
{
    const int64_t every = recording->every, n = head->n_records;
    if (every == 0)
        return n == 0 || n == 1;
    const int64_t before = head->period / every + 1;
    return n == before || (n == before + 1 && head->period % every != 0);
}

static enum status check_head(
    struct checkpoint_source *source, const struct checkpoint_state *state, const struct head *head)
{
    char what[WHAT_BYTES];
    if (head->period < 0)
        snprintf(what, sizeof what, "it is of period %" PRId64, head->period);
    else if (!is_possible_number(state->recording, head))
        snprintf(what, sizeof what, "it has %" PRId64 " records at period %" PRId64, head->n_records,
            head->period);
    else if (source->trailer.ranges[SECTION_PATHS].n_global > 0 &&
             source->trailer.ranges[SECTION_PATHS].row_bytes / (int64_t)sizeof(double) != head->period + 1)
        snprintf(what, sizeof what, "its paths do not end at its period %" PRId64, head->period);
    else
        return WS_OK;
    return checkpoint_refuse(source, what);
}

/* Whether HDF5 has the arrays where the trailer says. */
static enum status check_places(
    struct checkpoint_source *source, struct plain file, const struct model *model)
{
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        const struct section_range *range = &source->trailer.ranges[kind];
        if (range->n_global > 0 && !plain_has_rows(file, sections_name(model, (enum section_kind)kind),
                                       section_range_rows(range), range->row_bytes, range->place))
            return checkpoint_refuse(source, "its arrays are not where its end says");
    }
    return WS_OK;
}

/* The value i of an array, which no household can have; n: there is none. */
static enum status refuse_value(struct checkpoint_source *source, const struct model *model, int array,
    const char *name, const void *values, int64_t i, int64_t n)
{
    char what[WHAT_BYTES];
    if (i == n)
        return WS_OK;
    const enum array_type type = model->arrays[array].type;
    if (type == ARRAY_REAL)
        snprintf(what, sizeof what, "it has %g in '%s'", ((const double *)values)[i], name);
    else
        snprintf(what, sizeof what, "it has %" PRId64 " in '%s'", model_array_integer(type, values, i), name);
    return checkpoint_refuse(source, what);
}

/* Values of wealth that a household can have under a scenario's law. */
static enum status check_wealth(struct checkpoint_source *source, const struct population *population,
    int scenario, const char *name, const double *values, int64_t n)
{
    const struct model *model = population->model;
    const int64_t i = model->find_invalid(population->scenarios[scenario].law, 0, values, n);
    return refuse_value(source, model, 0, name, values, i, n);
}

/* What was found while the arrays were read. */
static enum status check_arrays(
    struct checkpoint_source *source, const struct sections *sections, const struct population *population)
{
    const struct model *model = population->model;
    enum status status = WS_OK;
    for (int i = 0; i < population->n_scenarios; i++)
        for (int array = 0; status == WS_OK && array < model->n_arrays; array++) {
            const struct looking *looking = sections->of[SECTION_ARRAYS + array].taker;
            if (looking) /* else this rank has nothing */
                status = refuse_value(source, model, array, model->arrays[array].name,
                    population_array(population, i, array), looking->invalid[i], population->part.n_local);
        }
    return status;
}

/* Normals of two words lie within these. */
static enum status check_shocks(struct checkpoint_source *source, const struct population *population)
{
    static const double most = 8.6;
    char what[WHAT_BYTES];
    for (int64_t i = 0; population->kept && i < population->part.n_local; i++)
        if (!(fabs(population->kept[i]) < most)) {
            snprintf(what, sizeof what, "it has %g in '%s'", population->kept[i],
                sections_name(population->model, SECTION_SHOCKS));
            return checkpoint_refuse(source, what);
        }
    return WS_OK;
}

/* Values of the first array, up to the period, where their households are. */
static enum status check_paths(struct checkpoint_source *source, const struct checkpoint_state *state,
    int scenario, const double *saved, int64_t period)
{
    const struct paths *paths = state->paths;
    const double *wealth = population_wealth(state->population, scenario);
    const int64_t steps = period + 1;
    enum status status = check_wealth(source, state->population, scenario,
        sections_name(state->population->model, SECTION_PATHS), saved, paths->n_local * steps);
    for (int64_t i = 0; status == WS_OK && i < paths->n_local; i++)
        if (saved[i * steps + period] != wealth[paths->first + i])
            status = checkpoint_refuse(source, "a path does not end where its household is");
    return status;
}

static enum status check_coalescence(
    struct checkpoint_source *source, const struct coalescence *coalescence, int64_t period)
{
    enum status status = WS_OK;
    for (int64_t i = 0; status == WS_OK && i < coalescence->n_pairs * coalescence->n_blocks_local; i++)
        if (coalescence->periods[i] < -1 || coalescence->periods[i] > period)
            status = checkpoint_refuse(source, "the coupled run agrees from a period on that is not over");
    return status;
}

/* This rank's arrays, of a file whose shapes are those of the run. */
static enum status check_values(struct checkpoint_source *source, const struct sections *sections,
    const struct checkpoint_state *state, int64_t period)
{
    const struct paths *paths = state->paths;
    enum status status = check_arrays(source, sections, state->population);
    if (status == WS_OK)
        status = check_shocks(source, state->population);
    for (int i = 0; status == WS_OK && paths && i < paths->n_scenarios; i++)
        status = check_paths(source, state, i, sections->paths + i * paths->n_local * (period + 1), period);
    if (status == WS_OK && state->coalescence)
        status = check_coalescence(source, state->coalescence, period);
    return status;
}

/* ---- restoring -------------------------------------------------------------------------------------------------- */

/* The model, and then the options that belong to the run. */
static enum status compare_run(struct plain file, const struct checkpoint_state *state, int64_t period)
{
    const char *ours = state->population->model->name;
    char theirs[NAME_BYTES];
    if (!plain_read_text(file, "model_name", theirs, sizeof theirs))
        return WS_FAILED;
    enum status status = WS_OK;
    if (strcmp(theirs, ours) != 0)
        status = error_add(WS_USAGE, "the checkpoint's model is '%s', this run's '%s'", theirs, ours);
    else
        status = fields_compare(file, state->identity);
    if (status != WS_FAILED && period > state->recording->periods)
        status = error_add(WS_USAGE,
            "--periods: the checkpoint is at period %" PRId64 " already, this run ends at %" PRId64, period,
            state->recording->periods);
    if (status == WS_USAGE)
        error_add(WS_USAGE,
            "'%s' is the checkpoint of another run: give it that run's options, or another --checkpoint",
            file.path);
    return status;
}

/* What the file says of itself: of this run, possible, and where its arrays lie. */
static enum status read_head(struct checkpoint_source *source, struct plain file, bool all_fit,
    const struct checkpoint_state *state, struct head *head)
{
    int64_t format = 0;
    if (!plain_read_int(file, "checkpoint_format", &format) ||
        !plain_read_int(file, "period", &head->period) ||
        !plain_read_int(file, "n_records", &head->n_records))
        return WS_FAILED;
    enum status status = compare_run(file, state, head->period);
    if (status == WS_OK && (format != CHECKPOINT_FORMAT || !all_fit))
        status = checkpoint_refuse(source, "it does not have the arrays of its run");
    if (status == WS_OK)
        status = check_head(source, state, head);
    return status == WS_OK ? check_places(source, file, state->population->model) : status;
}

static enum status restore_population(const struct sections *sections, const struct checkpoint_state *state,
    struct streams_restoring *restoring, int64_t steps)
{
    const struct paths *paths = state->paths;
    for (int64_t i = 0; paths && i < paths->n_scenarios * paths->n_local; i++)
        memcpy(paths->wealth + i * paths->steps, sections->paths + i * steps,
            (size_t)steps * sizeof *sections->paths);
    return streams_restore_end(restoring, &state->population->streams);
}

/* The records so far. The last one of a shorter run may be one that this run does not make: it is dropped. */
static enum status restore_records(struct checkpoint_source *source, struct plain file,
    struct checkpoint_state *state, const struct head *head)
{
    const struct recording *recording = state->recording;
    const int64_t n = head->n_records;
    const struct plain group = plain_open_group(file, "records");
    enum status status = group.id >= 0 ? records_restore(group, state->records, n) : WS_FAILED;
    if (group.id >= 0)
        H5Gclose(group.id);
    for (int64_t i = 0; status == WS_OK && i < n; i++)
        if (records_at(state->records, 0, i)->period !=
            (i < n - 1 || head->period / recording->every == i ? i * recording->every : head->period))
            status = checkpoint_refuse(source, "its records are not of the periods that are recorded");
    if (status == WS_OK && n > 0 && !recording_due(recording, records_at(state->records, 0, n - 1)->period))
        state->records->n--;
    return status;
}

/* Mobility so far; and whether the run can go on to its end with the wealth that is held. */
static enum status restore_mobility(
    struct checkpoint_source *source, struct plain file, const struct checkpoint_state *state, int64_t period)
{
    struct mobility_records *mobility = state->mobility;
    const struct plain group = plain_open_group(file, "mobility");
    enum status status = group.id >= 0
                             ? mobility_restore(group, period, state->population->part.n_global, mobility)
                             : WS_FAILED;
    if (group.id >= 0)
        H5Gclose(group.id);
    for (int i = 0; status == WS_OK && mobility->held >= 0 && i < mobility->n_scenarios; i++)
        status = check_wealth(source, state->population, i,
            sections_name(state->population->model, SECTION_MOBILITY),
            mobility->wealth + i * mobility->n_local, mobility->n_local);
    if (status == WS_OK && !mobility_records_can_go_on(mobility, period))
        status = error_add(WS_USAGE,
            "--periods: for --mobility the run would need wealth at period %" PRId64
            ", and '%s', of period %" PRId64 ", does not have it: give at least %" PRId64,
            state->recording->periods - mobility->plan->lag, file.path, period,
            (period / mobility->plan->lag + 1 + (period % mobility->plan->lag > 0)) * mobility->plan->lag);
    return status;
}

/* As if it had not been tried. */
static void forget(struct checkpoint_state *state)
{
    state->records->n = 0;
    if (state->mobility)
        state->mobility->n = 0;
    state->population->period = 0;
    streams_destroy(state->population->streams);
    state->population->streams = NULL;
}

/* Set the run's state from the file, once all of it is known to be as it was written. */
static enum status restore(struct checkpoint_source *source, const struct sections *sections, bool all_fit,
    struct streams_restoring *restoring, struct checkpoint_state *state)
{
    struct population *population = state->population;
    struct head head = {.period = 0};
    bool is_damaged = false;
    h5_begin();
    const struct plain file = plain_open(source->path, &is_damaged);
    enum status status = h5_status();
    if (status == WS_OK)
        status = read_head(source, file, all_fit, state, &head);
    if (status == WS_OK)
        status = check_values(source, sections, state, head.period);
    if (status == WS_OK)
        status = restore_population(sections, state, restoring, head.period + 1);
    if (status == WS_OK && state->recording->every > 0)
        status = restore_records(source, file, state, &head);
    if (status == WS_OK && state->mobility)
        status = restore_mobility(source, file, state, head.period);
    population->period = status == WS_OK ? head.period : 0;
    plain_close(file);
    if (status == WS_FAILED && source->fault == CHECKPOINT_FINE)
        source->fault = is_damaged ? CHECKPOINT_DAMAGED : CHECKPOINT_UNREAD;
    return status;
}

static enum status read_all(
    const struct comm *comm, struct checkpoint_source *source, struct checkpoint_state *state)
{
    struct sections sections = {.streams = NULL};
    struct streams_restoring restoring = {.n = 0};
    const struct trailer *trailer = &source->trailer;
    const struct decomposition part = decomposition_of(trailer->households, comm->rank, comm->size);
    enum status status = sections_make(&sections, trailer->ranges, &part, state);
    sections.of[SECTION_STREAMS].take = streams_restore_some;
    const bool all_fit = keep_fitting(&sections, trailer, state);
    if (status == WS_OK)
        status = begin_streams(&sections, state, &restoring);
    if (status == WS_OK)
        status = begin_looking(&sections, state->population);
    if (status != WS_OK)
        source->fault = CHECKPOINT_UNREAD;
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status = read_arrays(comm, source, &sections);
    if (status == WS_OK) {
        status = error_agree(comm->world, restore(source, &sections, all_fit, &restoring, state));
        if (status != WS_OK)
            forget(state);
    }
    end_looking(&sections);
    streams_restore_free(&restoring);
    sections_free(&sections);
    return status;
}

enum status checkpoint_read(
    const struct comm *comm, const char *path, struct checkpoint_state *state, enum checkpoint_fault *fault)
{
    struct checkpoint_source source;
    enum status status = checkpoint_open(comm, path, &source);
    if (status == WS_OK)
        status = read_all(comm, &source, state);
    checkpoint_close(&source);
    int mine = status == WS_FAILED ? (int)source.fault : (int)CHECKPOINT_FINE, worst = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &worst, 1, MPI_INT, MPI_MAX, comm->world));
    *fault = (enum checkpoint_fault)worst;
    return status;
}
