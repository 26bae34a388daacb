#include "files/lacking.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_GROUPS = 16,                                             /* that are named */
    LONGEST_LIST = sizeof " of groups " + (MOST_GROUPS + 2) * 13, /* of groups */
};

/* A text that grows within its room. */
struct words {
    char *text;
    size_t length, room;
};

#define ADD(words, ...)                                                                                      \
    ((words)->length +=                                                                                      \
        (size_t)snprintf((words)->text + (words)->length, (words)->room - (words)->length, __VA_ARGS__))

static bool does_lack(const struct model *model, const struct lacking *lacking, int quantity, int group)
{
    return lacking->is[group * model_quantities(model) + quantity];
}

static int groups_that_lack(const struct model *model, const struct lacking *lacking, int quantity)
{
    int n = 0;
    for (int group = 0; group < model_groups(model); group++)
        n += does_lack(model, lacking, quantity, group);
    return n;
}

bool lacking_any(const struct model *model, const struct lacking *lacking)
{
    for (int summary = 0; summary < model_summaries(model); summary++)
        if (lacking->is[summary])
            return true;
    return false;
}

static void add_groups(
    struct words *words, const struct model *model, const struct lacking *lacking, int quantity, int n)
{
    int named = 0;
    ADD(words, " of group%s ", n > 1 ? "s" : "");
    for (int group = 0; group < model_groups(model) && named < MOST_GROUPS; group++) {
        if (!does_lack(model, lacking, quantity, group))
            continue;
        ADD(words, "%s", named++ > 0 ? ", " : "");
        if (group == 0)
            ADD(words, "all");
        else
            ADD(words, "%" PRId32, model->group_labels[group - 1]);
    }
    if (n > named)
        ADD(words, " and %d more", n - named);
}

static void add_quantities(struct words *words, const struct model *model, const struct lacking *lacking)
{
    const char *between = " (";
    for (int quantity = 0; quantity < model_quantities(model); quantity++) {
        const int n = groups_that_lack(model, lacking, quantity);
        if (n == 0)
            continue;
        ADD(words, "%s%s", between, model_quantity(model, quantity).name);
        if (n < model_groups(model))
            add_groups(words, model, lacking, quantity, n);
        between = "; ";
    }
    ADD(words, ")");
}

static size_t room_for(const char *before, const char *why, const struct model *model)
{
    size_t room = strlen(before) + strlen(why) + sizeof "; ()";
    for (int quantity = 0; quantity < model_quantities(model); quantity++)
        room += strlen(model_quantity(model, quantity).name) + sizeof "; " + LONGEST_LIST;
    return room;
}

const char *lacking_comment(struct lacking_comments *comments, const char *before, const char *why,
    const struct model *model, const struct lacking *lacking)
{
    struct words words = {.room = room_for(before ? before : "", why, model)};
    words.text = malloc(words.room);
    if (!words.text) {
        comments->status = error_memory(words.room, "a comment of the result file");
        return NULL;
    }
    ADD(&words, "%s%s%s", before ? before : "", before ? "; " : "", why);
    if (model_summaries(model) > 1 && lacking_any(model, lacking))
        add_quantities(&words, model, lacking);
    ENSURE(words.length < words.room && comments->n < LACKING_COMMENTS);
    comments->of[comments->n++] = words.text;
    return words.text;
}

void lacking_free(struct lacking_comments *comments)
{
    for (int i = 0; i < comments->n; i++)
        free(comments->of[i]);
    comments->n = 0;
}
