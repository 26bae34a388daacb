#include "random/stream_options.h"
#include "random/sprng.h"
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

static const char *family(int i)
{
    return rng_family_name((enum rng_family)i);
}

#define MEMBER(name) offsetof(struct stream_options, name)

// clang-format off
static const struct option_row rows[] = {
    {.group = "Random numbers",
     .name = "seed", .argument = "SEED", .type = OPTION_COUNT, .offset = MEMBER(seed),
     .fallback = "1", .low = 0, .high = INT_MAX, .range = "0 to 2147483647", .resume = RESUME_SAME,
     .help = "Seed of the streams"},
    {.name = "rng", .argument = "FAMILY", .type = OPTION_CHOICE, .offset = MEMBER(rng),
     .fallback = "mlfg", .choice = family, .n_choices = RNG_FAMILIES,
     .range = "lfg, lcg, lcg64, cmrg, mlfg or pmlcg", .resume = RESUME_SAME,
     .help = "SPRNG's family of generators"},
};
// clang-format on

const struct option_table stream_option_table = OPTION_TABLE(rows);

enum status stream_options_check(
    const struct stream_options *options, int64_t needed, int64_t count, const char *things)
{
    const enum rng_family asked = (enum rng_family)options->rng;
    if (!sprng_has(asked))
        return error_add(WS_USAGE, "--rng: %s is a family of SPRNG's, %s: take --rng mlfg, or %s",
            rng_family_name(asked),
            sprng_is_linked() ? "which is linked here without that family"
                              : "which this program was built without",
            sprng_is_linked() ? "a SPRNG that was built with GMP (make sprng)"
                              : "build it with SPRNG (make sprng)");
    if (needed > 1 && !rng_family_is_independent(asked))
        fprintf(stderr,
            "wealthsim: warning: --rng %s: SPRNG's streams of it share numbers, so that blocks are not "
            "independent and standard errors too small: for comparisons only\n",
            rng_family_name(asked));
    if (needed <= rng_family_streams(asked))
        return WS_OK;
    return error_add(WS_USAGE,
        "--rng: %s has %" PRId64 " streams and %" PRId64 " %s need %" PRId64
        ": take --rng mlfg, which has %" PRId64,
        rng_family_name(asked), rng_family_streams(asked), count, things, needed,
        rng_family_streams(RNG_MLFG));
}

enum status stream_options_check_bits(const struct stream_options *options, int words)
{
    const enum rng_family asked = (enum rng_family)options->rng;
    if (words == 0 || rng_family_has_good_bits(asked))
        return WS_OK;
    return error_add(WS_USAGE,
        "--rng: the lower bits of %s's numbers are too regular for --precision single, which takes both "
        "shocks "
        "from one number: take --rng mlfg, lfg or pmlcg, or --precision double",
        rng_family_name(asked));
}
