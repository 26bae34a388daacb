/** Vector code: the levels that this build has, and the one in use.
 *
 *  Hot functions live in files named *.vec.c, which the Makefile compiles once a level with the macro
 *  VECTOR(name) giving each copy its own names (name_portable, name_avx2, name_avx512). A table indexed by
 *  the level chooses among them at run time. All levels give the same bits: the files use IEEE operations and
 *  explicit fma() only, with contraction off (simd/lanes.h has them). On other processors than x86-64 only
 *  the portable level exists, in vectors of two, for which compilers use what they find there. */
#pragma once

#include <stdbool.h>

enum vector_level { VECTOR_PORTABLE, VECTOR_AVX2, VECTOR_AVX512, VECTOR_LEVELS };

#define VECTOR_PASTE(name, level)  name##_##level
#define VECTOR_EXPAND(name, level) VECTOR_PASTE(name, level)
/** In a *.vec.c file: the name of this level's copy of a function. VECTOR_SUFFIX comes from the Makefile. */
#define VECTOR(name) VECTOR_EXPAND(name, VECTOR_SUFFIX)

#ifdef __x86_64__
/** A table with a row for each level: VECTOR_TABLE(f) is { f_portable, f_avx2, f_avx512 }. */
    #define VECTOR_TABLE(f)                                                                                  \
        {                                                                                                    \
            f##_portable, f##_avx2, f##_avx512                                                               \
        }
/** Declarations of a function's copies. */
    #define VECTOR_DECLARE(type, f, arguments)                                                               \
        type f##_portable arguments, f##_avx2 arguments, f##_avx512 arguments
#else
    #define VECTOR_TABLE(f)                                                                                  \
        {                                                                                                    \
            f##_portable, f##_portable, f##_portable                                                         \
        }
    #define VECTOR_DECLARE(type, f, arguments) type f##_portable arguments
#endif

/** The best level that this processor can run. Ranks may differ. */
enum vector_level vector_best(void);

/** The same, or the lower one that the environment variable WEALTHSIM_VECTOR asks for (portable, avx2, avx512; what it
 *  cannot mean, environment_check refuses). */
enum vector_level vector_level(void);

/** Whether this processor can run the level of this name; "" is any. */
bool vector_is_possible(const char *name);

/** "portable", "avx2" or "avx512". */
const char *vector_level_name(enum vector_level level);
