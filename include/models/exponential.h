/** The polynomial that the models' exponentials are made with. */
#pragma once

/** 2^x = Σ e_i x^i for |x| <= 1/2, largest relative error 1.5e-14, exact at 0. Minimax with rounded coefficients, by
 *  tests/bench/kernel.sollya. */
static const double exponential[10] = {0x1p0, 0x1.62e42fefa37d1p-1, 0x1.ebfbdff81be07p-3,
    0x1.c6b08d70c8932p-5, 0x1.3b2ab7241203p-7, 0x1.5d87fd936cdeap-10, 0x1.430897f36703ap-13,
    0x1.ffce3002fdfd6p-17, 0x1.63e6962e9ab21p-20, 0x1.b3ddfa9e944aep-24};
