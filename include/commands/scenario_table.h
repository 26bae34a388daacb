/** From the cells of a table to scenarios (commands/scenarios.h): one rank reads the table, all get the columns. */
#pragma once

#include "commands/scenarios.h"

/** What may be a column: the options of a struct scenario_options. */
extern const struct option_command scenario_options;

/** Read scenarios->file into n, of, lines and the columns, without the model files. Collective over comm->world.
 *  @param[in] base  what the options say
 *  @return as scenarios_load: after WS_USAGE there are the rows that could be read, or n is 0 */
enum status scenario_table_read(struct scenarios *scenarios, const struct options *options,
    const struct option_command *command, const struct scenario_options *base, const struct comm *comm);
