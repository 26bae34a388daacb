/** --seed and --rng: which streams a command draws from. */
#pragma once

#include "core/options.h"
#include "random/stream.h"

struct stream_options {
    int64_t seed;
    int64_t rng; /**< enum rng_family */
};

extern const struct option_table stream_option_table;

/** Check that the family has as many streams as are needed; adds a fault with error_add otherwise. Warns, on stderr, of one
 *  whose streams are not independent. Not collective; for rank 0.
 *  @param[in] count,things  what they are needed for, in the message: 50000, "households" */
enum status stream_options_check(
    const struct stream_options *options, int64_t needed, int64_t count, const char *things);

/** The same for a model that makes several numbers of each word. @param[in] words  of struct model: 0 for any other */
enum status stream_options_check_bits(const struct stream_options *options, int words);
