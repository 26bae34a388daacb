/** The scenarios of a run: the parameter sets that a table of --scenarios lists, a row each, or the one that the options
 *  give. A column of the table is an option of a model, or --initial; a cell of - leaves the option as it is. */
#pragma once

#include "core/comm.h"
#include "core/options.h"
#include "files/fields.h"
#include "files/input_file.h"
#include "models/models.h"

enum { SCENARIO_COLUMNS = 16, SCENARIO_NAME = 512 };

/** One scenario: what the options say, with what its row of the table says. */
struct scenario_options {
    struct models_parameters models;
    char initial[OPTION_TEXT]; /**< "" for none */
};

/** A column as it is in effect: where a cell is -, it has the option's own value. One of the two arrays is NULL. */
struct scenario_column {
    const char *name, *long_name; /**< of the option, and its help */
    double *values;               /**< [n] of a column of numbers; owned */
    char *texts;                  /**< [n][text_bytes], zeros behind each text, at least one; owned */
    size_t text_bytes;
};

/** Plain data but for the pointers, and the same on all ranks. A table with one row is what the options would be that say
 *  the same: it has no columns and no digest. */
struct scenarios {
    int n; /**< 1 without a table */
    struct scenario_options
        *of;       /**< [n]; owned; model files are read once each, and owned by the scenarios */
    int n_columns; /**< of the table, in its order; 0 for one scenario */
    struct scenario_column columns[SCENARIO_COLUMNS];
    char digest
        [17]; /**< of what the columns say, whatever their order, in hexadecimal digits; "" for one scenario */

    char file[OPTION_TEXT]; /**< the table, or "" */
    int64_t *lines; /**< [n] where the rows are in a table of text, else 0; on rank 0, with a table; owned */
    bool *has_w0;   /**< [n] whether the row says it: of a cell that is not -; there, too; owned */
    int *first_model; /**< [n] the first scenario with the same model file, itself where it has none; owned */
    int *first_start; /**< [n] the same of start values, of the same file and in the same range; owned */
    int *readers;     /**< [n_readers] for which a model file was read: those that own what it says; owned */
    int n_readers;
};

/** Read the table, if there is one, and the model files. Collective over comm->world.
 *  @param[in]  options  those of the command: what is a column must not be given there
 *  @param[in]  file     the table, or ""
 *  @param[in]  models, initial  what the options say
 *  @param[out] scenarios  scenarios_free in any case; after WS_USAGE there are scenarios all the same, for further checks
 *  @return the same on all ranks: WS_OK; WS_USAGE with messages for all that is wrong with the table and the model files, by
 *          row, line and column; WS_FAILED (memory) */
enum status scenarios_load(struct scenarios *scenarios, const struct options *options,
    const struct option_command *command, const char *file, const struct models_parameters *models,
    const char *initial, const struct comm *comm);
void scenarios_free(struct scenarios *scenarios);

/** Check every scenario as options are checked: model files against the run, start values, the start of a coupled run. Adds
 *  faults with error_add, each with its row. Not collective; for rank 0.
 *  @param[in] coalescence  NaN for none */
enum status scenarios_check(const struct scenarios *scenarios, const struct options *options,
    const struct option_command *command, int64_t periods, double coalescence);

/** The files that are read for the scenarios: the table, those of --model and --initial, and those in the table's cells,
 *  which --scenarios names. Not collective.
 *  @param[out] files  [1 + 2 n]; paths are the scenarios' @return how many there are */
int scenarios_files(const struct scenarios *scenarios, const struct options *options,
    const struct option_command *command, struct named_file *files);

/** Add what tells the scenarios from others, but is no option: the digest of their table. */
void scenarios_fields(const struct scenarios *scenarios, struct fields *fields);

/** What a message calls a scenario: "row 3 (s=0.95 v1=0.3)"; "" where there is one.
 *  @param[out] text  [SCENARIO_NAME] @return text */
const char *scenarios_name(const struct scenarios *scenarios, int i, char *text);
