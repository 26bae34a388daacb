/** What blocks meet, of the words of their streams. */
#pragma once

#include "population/population.h"

/** The most words of a block's period. */
enum { SHOCKS_WORDS = MODEL_NUMBERS * BLOCK_SIZE };

/** Shocks of a block's next n periods: the next words of its stream, and what is made of them. Different blocks may be
 *  asked for by different threads at a time.
 *  @param[in]  first    the period of the first
 *  @param[out] numbers  [n][model_words] what the shocks point to; words and numbers alike have 8 bytes
 *  @param[out] shocks   [n] */
void shocks_make(const struct population *population, int64_t block, int64_t first, int64_t n,
    double *numbers, struct shocks *shocks);

/** The normals of a block's period: [model->normals][256], where they are, or those that the model's step makes itself, in
 *  room, [SHOCKS_WORDS]. */
const double *shocks_normals(const struct model *model, const struct shocks *shocks, double *room);

/** Keep of a block's last period what quantities need of it (model_kept). */
void shocks_keep(struct population *population, int64_t block, const struct shocks *last);
