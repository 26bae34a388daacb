/* SPRNG's own calls, for tests that compare with them. Include after cmocka.h. In a build without SPRNG, tests compile, and
 * those that begin with need_sprng are skipped. */
#pragma once

#ifndef WITHOUT_SPRNG
    #include "random/sprng_library.h"

static inline void need_sprng(void)
{
}
#else
    #define SPRNG_MLFG 4

/** Skip the case. */
static inline void need_sprng(void)
{
    print_message("SPRNG is not linked\n");
    skip();
}

/* Not to be called. */
static inline int *init_sprng(int type, int stream, int n, int seed, int parameter)
{
    (void)type, (void)stream, (void)n, (void)seed, (void)parameter;
    fail();
    return NULL;
}

static inline int free_sprng(int *object)
{
    (void)object;
    fail();
    return 0;
}

static inline double sprng(int *object)
{
    (void)object;
    fail();
    return 0;
}

static inline int pack_sprng(int *object, char **packed)
{
    (void)object, (void)packed;
    fail();
    return 0;
}

static inline int *unpack_sprng(char *packed)
{
    (void)packed;
    fail();
    return NULL;
}
#endif
