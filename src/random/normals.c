#include "random/normals.h"

typedef void normals_function(const uint64_t *words, double *normals);

VECTOR_DECLARE(void, normals_of, (const uint64_t *words, double *normals));

static normals_function *const make[VECTOR_LEVELS] = VECTOR_TABLE(normals_of);

void normals_of(enum vector_level level, const uint64_t *words, double *normals)
{
    make[level](words, normals);
}
