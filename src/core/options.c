#include "core/options.h"
#include "core/environment.h"
#include "core/options_sources.h"
#include "core/parse.h"
#include "core/version.h"
#include "lecture/scaling.h"
#include "verify/verification.h"
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define MEMBER(name) offsetof(struct options, name)

static const char *family(int i)
{
    return rng_family_name((enum rng_family)i);
}

/* Who takes what a household's life depends on, and what its streams do. */
enum { FOR_MODEL = FOR_RUN | FOR_PATH | FOR_SCALING, FOR_STREAMS = FOR_MODEL | FOR_PI | FOR_EIGVALS };

/* A command's results have a file of their own: one does not overwrite another's. */
static const struct option_instead outputs[] = {{FOR_PATH, "wealthsim-path.h5"}, {FOR_PI, "wealthsim-pi.h5"},
    {FOR_GRIDMAX, "wealthsim-gridmax.h5"}, {FOR_EIGVALS, "wealthsim-eigvals.h5"},
    {FOR_SCALING, "wealthsim-scaling.h5"}, {0}};

/* The table. Everything that is known of an option is in its row. */
// clang-format off
static const struct option_row table[] = {
    {.group = "Model",
     .name = "households", .letter = 'n', .argument = "N", .type = OPTION_COUNT, .offset = MEMBER(households),
     .fallback = "50000", .low = 1, .high = 0x1p38, .range = "1 to 274877906944", .takes = FOR_RUN | FOR_SCALING, .resume = RESUME_SAME,
     .help = "Households of the population"},
    {.name = "periods", .letter = 'T', .argument = "T", .type = OPTION_COUNT, .offset = MEMBER(periods),
     .fallback = "1000", .instead = (const struct option_instead[]){{FOR_PATH, "100"}, {0}}, .low = 0, .high = INT_MAX, .range = "0 to 2147483647", .takes = FOR_MODEL,
     .help = "Periods that they live"},
    {.name = "w0", .argument = "W", .type = OPTION_REAL, .offset = MEMBER(model.w0),
     .fallback = "1", .instead = (const struct option_instead[]){{FOR_PATH, "5"}, {0}}, .low = 0, .high = DBL_MAX, .range = "0 or more", .takes = FOR_MODEL, .resume = RESUME_SAME,
     .help = "Wealth at the start"},
    {.name = "r", .argument = "R", .type = OPTION_REAL, .offset = MEMBER(model.r),
     .fallback = "0.1", .low = -0x1.fffffffffffffp-1, .high = DBL_MAX, .range = "more than -1", .takes = FOR_MODEL, .resume = RESUME_SAME,
     .help = "Net rate of return"},
    {.name = "s", .argument = "S", .type = OPTION_REAL, .offset = MEMBER(model.s),
     .fallback = "0.3", .low = 0, .high = 1, .range = "0 to 1", .takes = FOR_MODEL, .resume = RESUME_SAME,
     .help = "Savings rate"},
    {.name = "v1", .argument = "V", .type = OPTION_REAL, .offset = MEMBER(model.v1),
     .fallback = "0.1", .low = 0, .high = DBL_MAX, .range = "0 or more", .takes = FOR_MODEL, .resume = RESUME_SAME,
     .help = "Volatility of the return (standard deviation of its logarithm)"},
    {.name = "v2", .argument = "V", .type = OPTION_REAL, .offset = MEMBER(model.v2),
     .fallback = "1", .low = 0, .high = DBL_MAX, .range = "0 or more", .takes = FOR_MODEL, .resume = RESUME_SAME,
     .help = "Volatility of labour income (standard deviation of its logarithm)"},

    {.name = "initial", .argument = "FILE[:DATASET]", .type = OPTION_PATH, .offset = MEMBER(initial),
     .fallback = "", .takes = FOR_RUN | FOR_PATH, .resume = RESUME_SAME,
     .help = "Start from a distribution instead: a one-dimensional dataset of an HDF5 file (default wealth), or a text "
             "file with a number a line; of M values, household i starts at value i mod M"},
    {.name = "coalescence", .argument = "W", .type = OPTION_REAL, .offset = MEMBER(coalescence),
     .fallback = "", .low = 0, .high = DBL_MAX, .range = "0 or more", .takes = FOR_RUN, .resume = RESUME_SAME,
     .help = "Run a second population from wealth W on the same shocks, and report the first period at which all "
             "households agree with it to the last bit"},

    {.name = "household", .argument = "I", .type = OPTION_COUNT, .offset = MEMBER(household),
     .fallback = "0", .low = 0, .high = 0x1p38 - 1, .range = "0 to 274877906943", .takes = FOR_PATH,
     .help = "The household whose path it is, counted from 0: the one that it has in a run with the same seed"},

    {.group = "Monte Carlo",
     .name = "draws", .argument = "N", .type = OPTION_COUNT, .offset = MEMBER(draws),
     .fallback = "100000000", .low = 1, .high = 0x1p47 - 0x1p16, .range = "1 to 140737488289792", .takes = FOR_PI | FOR_SCALING,
     .help = "Points drawn in the unit square"},

    {.group = "Grid",
     .name = "points", .argument = "N", .type = OPTION_COUNT, .offset = MEMBER(points),
     .fallback = "5000", .low = 1, .high = INT_MAX, .range = "1 to 2147483647", .takes = FOR_GRIDMAX | FOR_SCALING,
     .help = "Points of a side of the grid"},
    {.name = "lower", .argument = "X", .type = OPTION_REAL, .offset = MEMBER(lower),
     .fallback = "-3", .low = -1e4, .high = 1e4, .range = "-10000 to 10000", .takes = FOR_GRIDMAX | FOR_SCALING,
     .help = "First point of a side"},
    {.name = "upper", .argument = "X", .type = OPTION_REAL, .offset = MEMBER(upper),
     .fallback = "3", .low = -1e4, .high = 1e4, .range = "-10000 to 10000", .takes = FOR_GRIDMAX | FOR_SCALING,
     .help = "Last point of a side"},

    {.group = "Matrices",
     .name = "matrices", .argument = "M", .type = OPTION_COUNT, .offset = MEMBER(matrices),
     .fallback = "20", .low = 1, .high = INT_MAX, .range = "1 to 2147483647", .takes = FOR_EIGVALS,
     .help = "Random matrices"},
    {.name = "order", .argument = "N", .type = OPTION_COUNT, .offset = MEMBER(order),
     .fallback = "1000", .low = 1, .high = 46340, .range = "1 to 46340", .takes = FOR_EIGVALS,
     .help = "Rows and columns of each"},

    {.group = "Verification",
     .name = "class", .argument = "CLASS", .type = OPTION_CHOICE, .offset = MEMBER(class),
     .fallback = "small", .choice = verify_class_name, .n_choices = VERIFY_CLASSES, .range = "tiny, small or large", .takes = FOR_VERIFY,
     .help = "Size of the population: tiny takes a second, small about 10 s on two cores, large is for a cluster"},

    {.group = "Comparison",
     .name = "command", .argument = "COMMAND", .type = OPTION_CHOICE, .offset = MEMBER(measured),
     .fallback = "run", .choice = scaling_work_name, .n_choices = SCALING_WORKS, .range = "run, pi or gridmax", .takes = FOR_SCALING,
     .help = "What is computed on every layout"},
    {.name = "weak", .type = OPTION_FLAG, .offset = MEMBER(weak),
     .fallback = "false", .takes = FOR_SCALING,
     .help = "Weak scaling: the work grows with the cores"},
    {.name = "repeats", .argument = "K", .type = OPTION_COUNT, .offset = MEMBER(repeats),
     .fallback = "5", .low = 1, .high = 1000, .range = "1 to 1000", .takes = FOR_SCALING,
     .help = "How often each layout is measured; medians are shown"},
    {.name = "cores", .argument = "C", .type = OPTION_COUNT, .offset = MEMBER(cores),
     .fallback = "0", .low = 0, .high = 1 << 24, .range = "0 to 16777216", .takes = FOR_SCALING,
     .help = "Compare up to so many cores; 0 takes those that the ranks may use"},

    {.group = "Random numbers",
     .name = "seed", .argument = "SEED", .type = OPTION_COUNT, .offset = MEMBER(seed),
     .fallback = "1", .low = 0, .high = INT_MAX, .range = "0 to 2147483647", .takes = FOR_STREAMS, .resume = RESUME_SAME,
     .help = "Seed of the streams"},
    {.name = "rng", .argument = "FAMILY", .type = OPTION_CHOICE, .offset = MEMBER(rng),
     .fallback = "mlfg", .choice = family, .n_choices = RNG_FAMILIES,
     .range = "lfg, lcg, lcg64, cmrg, mlfg or pmlcg", .takes = FOR_STREAMS, .resume = RESUME_SAME,
     .help = "SPRNG's family of generators"},

    {.group = "Results",
     .name = "output", .letter = 'o', .argument = "FILE", .type = OPTION_PATH, .offset = MEMBER(output),
     .fallback = "wealthsim.h5", .instead = outputs,
     .takes = FOR_ALL & ~(FOR_VERIFY | FOR_INFO),
     .help = "Result file (HDF5)"},
    {.name = "quantiles", .argument = "P,P,...", .type = OPTION_NUMBERS, .offset = MEMBER(quantiles),
     .offset_n = MEMBER(n_quantiles), .fallback = "0.01,0.05,0.1,0.25,0.5,0.75,0.9,0.95,0.99",
     .low = 0, .high = 1, .range = "each 0 to 1", .takes = FOR_RUN, .resume = RESUME_SAME_IF_RECORDED,
     .help = "Probabilities of the quantiles"},
    {.name = "record-every", .argument = "K", .type = OPTION_COUNT, .offset = MEMBER(record_every),
     .fallback = "0", .low = 0, .high = INT_MAX, .range = "0 to 2147483647", .takes = FOR_RUN, .resume = RESUME_SAME,
     .help = "Record the cross-section at periods 0, K, 2K, ... and T; 0 at T only"},
    {.name = "paths", .argument = "M", .type = OPTION_COUNT, .offset = MEMBER(paths),
     .fallback = "0", .low = 0, .high = 0x1p38, .range = "0 to the number of households", .takes = FOR_RUN, .resume = RESUME_SAME,
     .help = "Keep the paths of the first M households"},
    {.name = "compress", .argument = "LEVEL", .type = OPTION_COUNT, .offset = MEMBER(compress),
     .fallback = "0", .low = 0, .high = 9, .range = "0 to 9", .takes = FOR_RUN,
     .help = "Compress the households' wealth (deflate)"},
    {.name = "no-wealth", .type = OPTION_FLAG, .offset = MEMBER(no_wealth),
     .fallback = "false", .takes = FOR_RUN,
     .help = "Leave the final wealth of every household out of the file"},

    {.name = "csv", .type = OPTION_FLAG, .offset = MEMBER(csv),
     .fallback = "false", .takes = FOR_PATH,
     .help = "Print all periods with all digits, separated by commas, and nothing else"},

    {.group = "Checkpoints",
     .name = "checkpoint", .argument = "FILE", .type = OPTION_PATH, .offset = MEMBER(checkpoint),
     .fallback = "", .takes = FOR_RUN,
     .help = "Write checkpoints FILE.1, FILE.2, ..., of which the newest two are kept; also on SIGUSR1, and before "
             "stopping on SIGUSR2, SIGTERM, SIGINT, SIGHUP or SIGXCPU"},
    {.name = "checkpoint-every", .argument = "TIME", .type = OPTION_INTERVAL, .offset = MEMBER(checkpoint_every),
     .fallback = "900", .range = "a time as for --max-time, or periods like 100p", .takes = FOR_RUN,
     .help = "Time between checkpoints"},
    {.name = "resume", .type = OPTION_FLAG, .offset = MEMBER(resume),
     .fallback = "false", .takes = FOR_RUN,
     .help = "Go on from the newest checkpoint that is whole; start afresh if there is none"},
    {.name = "max-time", .argument = "TIME", .type = OPTION_TIME, .offset = MEMBER(max_time),
     .fallback = "", .takes = FOR_RUN,
     .help = "Stop in time, with a checkpoint, for the run to end within TIME: seconds, or as Slurm writes it M:SS, H:MM:SS, "
             "D-H, D-H:MM, D-H:MM:SS, UNLIMITED. (A number alone is seconds here, minutes for Slurm.)"},

    {.group = "The run",
     .name = "threads", .letter = 't', .argument = "N", .type = OPTION_COUNT, .offset = MEMBER(threads),
     .fallback = "0", .low = 0, .high = 4096, .range = "0 to 4096", .takes = FOR_ALL,
     .help = "Threads of each rank; 0 takes OMP_NUM_THREADS, else the cores that the rank may use divided by the "
             "ranks that share them"},
    {.name = "timing", .type = OPTION_FLAG, .offset = MEMBER(timing),
     .fallback = "false", .takes = FOR_ALL & ~(FOR_VERIFY | FOR_INFO),
     .help = "Add what each rank and thread did to the table: where it was, its seconds, its share of a core"},
    {.name = "config", .argument = "FILE", .type = OPTION_PATH, .offset = MEMBER(config),
     .fallback = "", .takes = FOR_ALL,
     .help = "INI file with any of these options, named as here; the command line wins"},
    {.name = "quiet", .letter = 'q', .type = OPTION_FLAG, .offset = MEMBER(quiet),
     .fallback = "false", .takes = FOR_ALL,
     .help = "No progress and no table, only warnings and errors"},
};
// clang-format on

enum { ROWS = sizeof table / sizeof table[0] };
_Static_assert(
    (int)ROWS <= (int)OPTIONS_MOST, "struct option_texts has room for fewer options than the table has");

int options_rows(const struct option_row **rows)
{
    *rows = table;
    return ROWS;
}

const char *option_fallback(const struct option_row *row, unsigned takes)
{
    for (const struct option_instead *instead = row->instead; instead && instead->takes; instead++)
        if (instead->takes & takes)
            return instead->fallback;
    return row->fallback;
}

/* How much of a text a message repeats. */
enum { SHOWN = 200 };

/* Say what a text is not, or what its range is. */
static void fault(
    const struct option_row *row, const char *text, const char *where, const char *is, const char *what)
{
    error_add(WS_USAGE, "%s%s: '%.*s%s' %s %s", where, row->name, SHOWN, text,
        strlen(text) > SHOWN ? "..." : "", is, what);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sort numbers and drop repeated ones. */
static int64_t sort_once(double *numbers, int n)
{
    int64_t kept = 0;
    qsort(numbers, (size_t)n, sizeof *numbers, ascending);
    for (int i = 0; i < n; i++)
        if (kept == 0 || numbers[i] != numbers[kept - 1])
            numbers[kept++] = numbers[i];
    return kept;
}

/* Convert a text into the row's member; on a fault, say it and leave the member as it is. */
static void convert(
    struct options *options, const struct option_row *row, const char *text, const char *where)
{
    char *member = (char *)options + row->offset;
    const char *is_not = NULL;
    bool in_range = true;
    switch (row->type) {
    case OPTION_COUNT: {
        int64_t value = 0;
        is_not = parse_count(text, &value);
        in_range = (double)value >= row->low && (double)value <= row->high;
        if (!is_not && in_range)
            *(int64_t *)member = value;
        break;
    }
    case OPTION_REAL: {
        double value = 0;
        is_not = parse_real(text, &value);
        in_range = value >= row->low && value <= row->high;
        if (!is_not && in_range)
            *(double *)member = value;
        break;
    }
    case OPTION_FLAG:
        is_not = parse_flag(text, (bool *)member);
        break;
    case OPTION_PATH:
        in_range = strlen(text) < OPTION_TEXT;
        if (in_range)
            strcpy(member, text);
        else
            error_add(WS_USAGE, "%s%s: the path is longer than %d bytes", where, row->name, OPTION_TEXT - 1);
        return;
    case OPTION_TIME:
    case OPTION_INTERVAL: {
        double seconds = 0;
        int64_t periods = 0;
        is_not =
            row->type == OPTION_TIME ? parse_time(text, &seconds) : parse_interval(text, &seconds, &periods);
        if (!is_not)
            snprintf(member, OPTION_TEXT, "%s", text);
        break;
    }
    case OPTION_NUMBERS: {
        double values[OPTION_LIST];
        int n = 0;
        is_not = parse_list(text, values, OPTION_LIST, &n);
        if (is_not && n == OPTION_LIST) {
            error_add(WS_USAGE, "%s%s: more than %d numbers", where, row->name, OPTION_LIST);
            return;
        }
        for (int i = 0; i < n; i++)
            in_range = in_range && values[i] >= row->low && values[i] <= row->high;
        if (!is_not && in_range) {
            *(int64_t *)(void *)((char *)options + row->offset_n) = sort_once(values, n);
            memcpy(member, values, sizeof values);
        }
        break;
    }
    case OPTION_CHOICE: {
        int i = 0;
        while (i < row->n_choices && strcmp(text, row->choice(i)) != 0)
            i++;
        in_range = i < row->n_choices;
        if (in_range)
            *(int64_t *)member = i;
        break;
    }
    }
    if (is_not)
        fault(row, text, where, "is not", is_not);
    else if (!in_range)
        fault(row, text, where, "is out of range:", row->range);
}

/* The same for a text that a user gave: a file's name that is empty is no way to say that there is none. */
static void convert_given(
    struct options *options, const struct option_row *row, const struct option_text *given)
{
    if (row->type == OPTION_PATH && given->text[0] == '\0')
        error_add(
            WS_USAGE, "%s%s: the file's name is empty: is a variable not set?", given->where, row->name);
    else
        convert(options, row, given->text, given->where);
}

/* The defaults of a command. */
static void set_defaults(struct options *options, unsigned takes)
{
    const size_t said = strlen(error_message());
    for (int i = 0; i < ROWS; i++) {
        const char *fallback = option_fallback(&table[i], takes);
        if (table[i].type == OPTION_REAL && fallback[0] == '\0')
            *(double *)(void *)((char *)options + table[i].offset) = NAN; /* not asked for */
        else if (table[i].type != OPTION_TIME || fallback[0] != '\0')
            convert(options, &table[i], fallback, "");
    }
    ENSURE(strlen(error_message()) == said); /* the table's defaults are valid */
}

static void remember_command_line(struct options *options, int argc, char **argv)
{
    size_t used = 0;
    for (int i = 0; i < argc && used < OPTION_TEXT; i++)
        used += (size_t)snprintf(
            options->command_line + used, OPTION_TEXT - used, "%s%s", i > 0 ? " " : "", argv[i]);
}

/* What rank 0 does: all texts, the command line's first, then the file's where the command line has none. */
static enum status read_sources(
    struct options *options, const struct command *const *commands, int n, int argc, char **argv)
{
    struct option_texts *texts = calloc(1, sizeof *texts);
    if (!texts)
        return error_memory(sizeof *texts, "the options");
    remember_command_line(options, argc, argv);
    command_line_read(texts, options, commands, n, argc, argv);
    const unsigned takes = commands[options->command]->takes;
    set_defaults(options, takes);
    if (!options->is_answered) {
        for (int i = 0; i < ROWS; i++)
            if (strcmp(table[i].name, "config") == 0 && texts->of[i].text && texts->of[i].text[0])
                config_file_read(texts, takes, texts->of[i].text);
        for (int i = 0; i < ROWS; i++)
            if (texts->of[i].text)
                convert_given(options, &table[i], &texts->of[i]);
    }
    option_texts_free(texts);
    return error_message()[0] == '\0' ? WS_OK : WS_USAGE;
}

/* What ranks have to have in common for the options of one to mean the same to all. */
struct build {
    char version[64];
    int64_t bytes; /* of the options */
    uint64_t table;
};

static struct build this_build(void)
{
    struct build build = {.bytes = sizeof(struct options)};
    snprintf(build.version, sizeof build.version, "%s", version_wealthsim());
    for (int i = 0; i < ROWS; i++) {
        const uint64_t row[] = {build.table, table[i].offset, (uint64_t)table[i].type, table[i].takes};
        build.table = XXH3_64bits(row, sizeof row);
    }
    return build;
}

/* Whether all ranks run the same program: mpirun can start several. Collective. */
static enum status check_build(const struct comm *comm)
{
    const struct build mine = this_build();
    struct build of_rank_0 = mine;
    enum status status = WS_OK;
    MPI_CHECK(MPI_Bcast(&of_rank_0, sizeof of_rank_0, MPI_BYTE, 0, comm->world));
    of_rank_0.version[sizeof of_rank_0.version - 1] = '\0';
    if (memcmp(&mine, &of_rank_0, sizeof mine) != 0)
        status =
            error_set(WS_USAGE, "host %s runs wealthsim %s, rank 0 %s%s: start the same program on all ranks",
                comm->host_name, mine.version, of_rank_0.version,
                strcmp(mine.version, of_rank_0.version) == 0 ? " in another build" : "");
    return error_agree(comm->world, status);
}

enum status options_parse(struct options *options, const struct comm *comm,
    const struct command *const *commands, int n, int argc, char **argv)
{
    memset(options, 0, sizeof *options);
    enum status status = check_build(comm);
    if (status != WS_OK)
        return status;
    if (comm->rank == 0)
        status = read_sources(options, commands, n, argc, argv);
    MPI_CHECK(MPI_Bcast(options, sizeof *options, MPI_BYTE, 0, comm->world));
    if (!options->is_answered) {
        const enum status around = environment_check(comm);
        status = status == WS_OK ? around : status;
        const enum status checked = commands[options->command]->check(options, comm);
        status = status == WS_OK ? checked : status;
    }
    return error_agree(comm->world, status);
}

bool options_value(const struct options *options, unsigned takes, int i, struct option_value *value)
{
    for (int j = 0; j < ROWS; j++) {
        const struct option_row *row = &table[j];
        if (!(row->takes & takes) || i-- > 0)
            continue;
        const char *member = (const char *)options + row->offset;
        *value = (struct option_value){.name = row->name, .type = row->type, .resume = row->resume};
        switch (row->type) {
        case OPTION_COUNT:
            value->count = *(const int64_t *)(const void *)member;
            break;
        case OPTION_REAL:
            value->real = *(const double *)(const void *)member;
            break;
        case OPTION_FLAG:
            value->count = *(const bool *)member;
            break;
        case OPTION_PATH:
        case OPTION_TIME:
        case OPTION_INTERVAL:
            value->text = member;
            break;
        case OPTION_NUMBERS:
            value->numbers = (const double *)(const void *)member;
            value->n_numbers = *(const int64_t *)(const void *)((const char *)options + row->offset_n);
            break;
        case OPTION_CHOICE:
            value->text = row->choice((int)*(const int64_t *)(const void *)member);
            break;
        }
        return true;
    }
    return false;
}
