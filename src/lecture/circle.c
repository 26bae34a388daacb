#include "lecture/circle.h"

typedef int64_t count_function(const uint64_t *words, int n);

VECTOR_DECLARE(int64_t, circle_count, (const uint64_t *words, int n));

static count_function *const count[VECTOR_LEVELS] = VECTOR_TABLE(circle_count);

int64_t circle_count(enum vector_level level, const uint64_t *words, int n)
{
    return count[level](words, n);
}
