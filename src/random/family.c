#include "random/family.h"
#include "random/mlfg.h"

/* What is known of SPRNG 2.0a's families: the parameter that we use, how many independent streams its own
 * check allows, and the heap that init_sprng takes for one (measured). */
static const struct {
    const char *name;
    int parameter;
    int n_streams;
    size_t bytes;
} families[RNG_FAMILIES] = {
    [RNG_LFG] = {"lfg", 0, 2147483647, 15472},
    [RNG_LCG] = {"lcg", 0, 524288, 64},
    [RNG_LCG64] = {"lcg64", 0, 146138719, 96},
    [RNG_CMRG] = {"cmrg", 0, 146138719, 128},
    [RNG_MLFG] = {"mlfg", 3, 2147483647, sizeof(struct mlfg)},
    [RNG_PMLCG] = {"pmlcg", 0, 1073741824, 400},
};

const char *rng_family_name(enum rng_family family)
{
    return families[family].name;
}

int rng_family_parameter(enum rng_family family)
{
    return families[family].parameter;
}

/* lcg is one modulo 2^48, lcg64 modulo 2^64, and cmrg has the lower 32 bits of lcg64. A household of single precision takes
 * each 256th number, and has its angle in bits 12 … 31: under lcg it would turn by the same angle in every period, and under
 * the other two by one that hardly changes. */
bool rng_family_has_good_bits(enum rng_family family)
{
    return family != RNG_LCG && family != RNG_LCG64 && family != RNG_CMRG;
}

/* SPRNG's streams of pmlcg are powers of one generator modulo 2^61 - 1 from one start: tests/unit/test_stream_shared.c. */
bool rng_family_is_independent(enum rng_family family)
{
    return family != RNG_PMLCG;
}

int64_t rng_family_streams(enum rng_family family)
{
    return families[family].n_streams;
}

size_t rng_family_stream_bytes(enum rng_family family)
{
    return families[family].bytes;
}
