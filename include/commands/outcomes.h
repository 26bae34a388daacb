/** --outcomes: what records are of besides wealth. */
#pragma once

#include "commands/scenarios.h"
#include "core/comm.h"
#include "core/options.h"

/** Find the quantities that are named, and give them to the models of all scenarios. Collective over comm->world.
 *  @param[in,out] text  names with commas between them, all, none, or "" for those that a model has by itself; after WS_OK the
 *                       names that are in effect, in the model's order, or none
 *  @return the same on all ranks: WS_OK; WS_USAGE with messages (error_add), and the models are as they were */
enum status outcomes_choose(char text[OPTION_TEXT], struct scenarios *scenarios, const struct comm *comm);
