/* With SPRNG: its explicit interface, each call as it is. */
#include "random/sprng.h"
#include "random/sprng_library.h"

_Static_assert(RNG_LFG == SPRNG_LFG && RNG_LCG == SPRNG_LCG && RNG_LCG64 == SPRNG_LCG64 &&
                   RNG_CMRG == SPRNG_CMRG && RNG_MLFG == SPRNG_MLFG && RNG_PMLCG == SPRNG_PMLCG,
    "families are numbered as SPRNG numbers them");

/* An archive that was built without the family lacks this. */
int *pmlcg_init_rng(int type, int stream, int n, int seed, int parameter) __attribute__((weak));

bool sprng_is_linked(void)
{
    return true;
}

/* The only family that SPRNG can be built without. In a shared library, its code may be there and not be known to init_sprng. */
bool sprng_has(enum rng_family family)
{
    static enum { UNKNOWN, PRESENT, ABSENT } pmlcg = UNKNOWN;
    if (family != RNG_PMLCG)
        return true;
    if (pmlcg == UNKNOWN) {
        int *object = pmlcg_init_rng ? sprng_open(RNG_PMLCG, 0, 0) : NULL;
        pmlcg = object ? PRESENT : ABSENT;
        if (object)
            sprng_close(object);
    }
    return pmlcg == PRESENT;
}

/* init_sprng fills static tables and counts streams in a global: one thread at a time. The number of streams it is told
 * changes none of their numbers, only what it prepares for spawning further ones; the least that it accepts costs least. */
int *sprng_open(enum rng_family family, int64_t stream, int64_t seed)
{
    int *object = NULL;
#pragma omp critical(sprng_init)
    object = init_sprng((int)family, (int)stream, (int)stream + 1, (int)seed, rng_family_parameter(family));
    return object;
}

void sprng_close(int *object)
{
#pragma omp critical(sprng_init)
    free_sprng(object);
}

void sprng_draw(int *object, size_t n, uint64_t *words)
{
    for (size_t i = 0; i < n; i++) {
        const double number = sprng(object);
        words[i] = number < 1 ? (uint64_t)(number * 0x1p52) << 12 : UINT64_MAX << 12;
    }
}

void sprng_skip(int *object, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sprng(object);
}

int sprng_pack(const int *object, char **packed)
{
    *packed = NULL;
    return pack_sprng((int *)object, packed);
}

int *sprng_unpack(const unsigned char *packed)
{
    int *object = NULL;
#pragma omp critical(sprng_init)
    object = unpack_sprng((char *)packed);
    return object;
}
