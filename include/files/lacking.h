/** Comments that say why a variable is NaN in places, and of which quantities and groups that is. Not collective. */
#pragma once

#include "core/error.h"
#include "models/model.h"
#include <stdbool.h>

enum { LACKING_COMMENTS = 96, LACKING_SUMMARIES = (MODEL_GROUPS + 1) * (MODEL_QUANTITIES + 1) };

/** Which of a record's summaries lack something: [model_summaries]. */
struct lacking {
    bool is[LACKING_SUMMARIES];
};

/** The comments of some variables. Start with all zeros; lacking_free in any case. */
struct lacking_comments {
    char *of[LACKING_COMMENTS]; /**< owned */
    int n;
    enum status status; /**< WS_FAILED, with an error, once there was no memory for one */
};

/** Why, and of what, behind what is said already: "WHY (wealth; income of groups all, 30)". A quantity that all groups lack it
 *  of is named alone, and where there is one summary, or none that lacks anything, no quantity is. Of many groups the first
 *  are named.
 *  @param[in] before  another comment, or NULL
 *  @return the comment, which lives as long as comments; NULL without memory */
const char *lacking_comment(struct lacking_comments *comments, const char *before, const char *why,
    const struct model *model, const struct lacking *lacking);

/** Whether any does. */
bool lacking_any(const struct model *model, const struct lacking *lacking);

void lacking_free(struct lacking_comments *comments);
