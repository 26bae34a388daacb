/* Without SPRNG: mlfg's streams, drawn number by number by the recurrence as it is written in the literature (random/mlfg.h),
 * from their first number on. Slow, and apart from the code that fills in bulk, which is compared with it. */
#include "core/error.h"
#include "random/mlfg_start.h"
#include "random/sprng.h"
#include <stdlib.h>

/* The last 63 numbers in a ring, the oldest at place. */
struct stream {
    uint64_t x[MLFG_LAG];
    int place;
};

bool sprng_is_linked(void)
{
    return false;
}

bool sprng_has(enum rng_family family)
{
    return family == RNG_MLFG;
}

int *sprng_open(enum rng_family family, int64_t stream, int64_t seed)
{
    struct stream *made = sprng_has(family) ? malloc(sizeof *made) : NULL;
    struct mlfg_start *start = aligned_alloc(_Alignof(struct mlfg_start), sizeof *start);
    if (made && start) {
        struct mlfg state;
        mlfg_start_init(start, (uint32_t)seed, 0);
        mlfg_start_state(start, (uint32_t)stream, &state);
        for (int i = 0; i < MLFG_LAG; i++)
            made->x[i] = state.x[i];
        made->place = 0;
    } else {
        free(made);
        made = NULL;
    }
    free(start);
    return (int *)made;
}

void sprng_close(int *object)
{
    free(object);
}

static uint64_t next(struct stream *stream)
{
    const int place = stream->place, later = (place + MLFG_LAG - MLFG_SHORT_LAG) % MLFG_LAG;
    stream->x[place] *= stream->x[later];
    stream->place = (place + 1) % MLFG_LAG;
    return stream->x[place];
}

void sprng_draw(int *object, size_t n, uint64_t *words)
{
    for (size_t i = 0; i < n; i++)
        words[i] = next((struct stream *)object) >> 12 << 12;
}

void sprng_skip(int *object, size_t n)
{
    for (size_t i = 0; i < n; i++)
        next((struct stream *)object);
}

int sprng_pack(const int *object, char **packed)
{
    (void)object;
    *packed = NULL;
    return 0;
}

int *sprng_unpack(const unsigned char *packed)
{
    (void)packed;
    return NULL;
}
