#include "random/normals.h"

/* Minimax with rounded coefficients, by tests/bench/kernel.sollya: largest absolute errors 1.9e-15 and 1.7e-16. */
const double box_muller_cosine[8] = {0x1.fffffffffffefp-1, -0x1.3bd3cc9be418bp4, 0x1.03c1f0819eddp6,
    -0x1.55d3c7d85c9d4p6, 0x1.e1f500e830a5dp5, -0x1.a6d0715e17809p4, 0x1.f961487d1b8p2, -0x1.a52f6101e0d48p0};
const double box_muller_sine[8] = {0x1.921fb54442d17p2, -0x1.4abbce625bd61p5, 0x1.466bc6775174p6,
    -0x1.32d2cce1b3c2fp6, 0x1.5078325fc6072p5, -0x1.e3062c5df2f4p3, 0x1.e89e8b79accf4p1,
    -0x1.62811015f2827p-1};
