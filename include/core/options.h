/** The options engine: rows of tables, each with whoever uses its values, are read from the command line and an INI file
 *  into their owners' structs, and given to all ranks. It knows no command and no option but --config, --help, --version and
 *  --launcher. Each value is held against its row's range; what several of them mean together is checked afterwards by whoever
 *  knows (commands/preflight.h). */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTION_TEXT = 4096, OPTION_LIST = 1024, OPTION_TIME_TEXT = 64, OPTIONS_MOST = 64 };

/** What a row's member in its owner's struct is. */
enum option_type {
    OPTION_COUNT,    /**< int64_t */
    OPTION_REAL,     /**< double; NaN where the default is "" and it is not given */
    OPTION_FLAG,     /**< bool */
    OPTION_PATH,     /**< char [OPTION_TEXT]; "" for none */
    OPTION_NAMES,    /**< char [OPTION_TEXT]; names with commas between them, for others to split and check */
    OPTION_NAME,     /**< char [OPTION_TEXT], of something else than a file */
    OPTION_TIME,     /**< struct option_time */
    OPTION_INTERVAL, /**< struct option_interval */
    OPTION_NUMBERS, /**< double [OPTION_LIST] ascending, each once, and an int64_t elsewhere that says how many */
    OPTION_CHOICE /**< int64_t, an index into the row's choices */
};

/** A time, and how it was given. */
struct option_time {
    double seconds; /**< > 0, infinite for none */
    char text[OPTION_TIME_TEXT];
};

/** A time or a number of periods: the other of the two is 0. */
struct option_interval {
    double seconds;
    int64_t periods;
    char text[OPTION_TIME_TEXT];
};

/** Whether a run may go on from a checkpoint that was written with another value of the option. */
enum option_resume { RESUME_FREE, RESUME_SAME, RESUME_SAME_IF_RECORDED };

/** All that is known of an option. */
struct option_row {
    const char *group; /**< heading in the help; NULL: that of the row before */
    const char *name;  /**< long option, INI key and attribute */
    char letter;       /**< short option, or 0 */
    const char *argument;
    enum option_type type;
    size_t offset;   /**< of the member in the owner's struct */
    size_t offset_n; /**< of the count that goes with OPTION_NUMBERS */
    const char *fallback;
    double low, high;  /**< range of counts and reals, ends included */
    const char *range; /**< the range in words */
    const char *(*choice)(int i);
    int n_choices;
    enum option_resume resume;
    const char *
        before; /**< of a choice: what checkpoints from before there was the option mean; NULL: none are so old */
    const char *help;
};

/** Rows that fill one struct. */
struct option_table {
    const struct option_row *rows;
    int n;
};
#define OPTION_TABLE(array)                                                                                  \
    {                                                                                                        \
        .rows = (array), .n = sizeof(array) / sizeof(array)[0]                                               \
    }

/** A table among those of a command, and where its struct is in the command's own. */
struct option_part {
    const struct option_table *table;
    size_t offset;
};

/** A command's default where it is another than the row's. */
struct option_default {
    const char *name, *fallback;
};

/** A command as the command line knows it. Its struct is plain data: it is broadcast. */
struct option_command {
    const char *name, *summary;
    size_t bytes;                          /**< of its struct */
    const struct option_part *parts;       /**< in the order of the help; ends with a table of NULL */
    const struct option_default *defaults; /**< NULL, or a list that ends with a name of NULL */
};

/** What was asked for. */
struct options {
    int command;      /**< index of the command */
    bool is_answered; /**< --help or --version was asked for and is printed: there is nothing more to do */
    void *values;   /**< the command's struct, the same on all ranks; valid one by one, or defaults; owned */
    uint64_t given; /**< bit i: the command's i-th option was given, by command line or file */
    char command_line[OPTION_TEXT]; /**< as it was given */
};

/** Read command line and INI file on rank 0, and give all ranks the same values. All faults are said at once
 *  (error_report). Collective over comm->world; options_free in any case.
 *  @param[in]  commands  [n], the first is the default
 *  @return WS_OK, or WS_USAGE on all ranks, also where ranks run different builds, whose options would be garbage to each
 *          other; then values are there all the same. WS_FAILED: no memory, values are NULL. */
enum status options_parse(struct options *options, const struct comm *comm,
    const struct option_command *const *commands, int n, int argc, char **argv);
void options_free(struct options *options);

/** Whether an option of the command was given. */
bool options_is_given(const struct options *options, const struct option_command *command, const char *name);

/** An option of a command by its name, or NULL. @param[out] offset  of its member in the command's struct */
const struct option_row *options_find(const struct option_command *command, const char *name, size_t *offset);

/** The name of a command's option that a text most likely means, or NULL. */
const char *options_nearest(const struct option_command *command, const char *text);

/** Convert a text that a user gave, elsewhere than on the command line, into a member of a struct as the command line does;
 *  after a fault the member is as it was. Not collective.
 *  @param[in] row     of options_find; not of OPTION_NUMBERS
 *  @param[in] where   begins a message: "data/t.txt, row 3: "
 *  @return WS_OK, or WS_USAGE with a message (error_add): where, the option's name, what is wrong with the text */
enum status options_convert(const struct option_row *row, const char *text, const char *where, void *member);

/** One option's value, for writing it elsewhere. */
struct option_value {
    enum option_resume resume;
    const char *name, *before; /**< the row's */
    enum option_type type;
    int64_t count;         /**< of OPTION_COUNT, and 0 or 1 of OPTION_FLAG */
    double real;           /**< of OPTION_REAL */
    const char *text;      /**< of all others but OPTION_NUMBERS; points into values or to a constant */
    const double *numbers; /**< of OPTION_NUMBERS: [n_numbers], points into values */
    int64_t n_numbers;
};

/** Go through the options of a command: the i-th of them, i = 0, 1, …; @return false when there is none. */
bool options_value(
    const struct option_command *command, const void *values, int i, struct option_value *value);
