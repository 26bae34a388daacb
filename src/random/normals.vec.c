#include "random/normals.h"
#include "random/box_muller.h"
#include "simd/lanes.h"

enum { PAIRS = NORMALS / 2 };

SIMD_KERNEL(void, normals_of, (const uint64_t *words, double *normals), (words, normals))

void SIMD(normals_of)(const uint64_t *words, double *normals)
{
    for (int i = 0; i < PAIRS; i += GROUP) {
        double q[GROUP], e[GROUP], radius[GROUP];
        lanes_double cosine[TOGETHER], sine[TOGETHER];
        stage_quotient(words + i, q, e);
        stage_radius(q, e, radius);
        stage_angle(box_muller_cosine, box_muller_sine, words + PAIRS + i, cosine, sine);
        EACH lanes_store(normals + i + u * LANES, lanes_load(radius + u * LANES) * cosine[u]);
        EACH lanes_store(normals + PAIRS + i + u * LANES, lanes_load(radius + u * LANES) * sine[u]);
    }
}
