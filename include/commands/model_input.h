/** The model file of a command's options: read before the checks, since they need to know what it says. */
#pragma once

#include "commands/commands.h"
#include "files/fields.h"
#include "models/models.h"

/** Read the model file, if there is one. Collective over comm->world.
 *  @return WS_OK; WS_USAGE or WS_FAILED on all ranks, with messages; model_release in any case */
enum status model_load(struct models_parameters *models, const struct comm *comm);
void model_release(struct models_parameters *models);

/** What the file and other options say together: parameters of another model that were given with it, a path of aggregate
 *  states that is shorter than the run. Adds faults with error_add. Not collective. */
enum status model_check(const struct options *options, const struct option_command *command,
    const struct models_parameters *models, int64_t periods);

/** The two parts of it: what is given with any model file, and what this one says. */
enum status model_check_given(const struct options *options, const struct option_command *command,
    const struct models_parameters *models);
enum status model_check_file(const struct options *options, const struct option_command *command,
    const struct models_parameters *models, int64_t periods);

/** Names of the options that mean nothing under the model, then NULL; or NULL. */
const char *const *model_meaningless(const struct models_parameters *models);

/** Add what tells the model from others, but is no option: the digest of its file, "" for the built-in model. */
void model_fields(const struct models_parameters *models, struct fields *fields);
