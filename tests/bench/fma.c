/* An upper bound: how many fused multiply-adds one core can do, with 512 and 256 bits at a time. Twelve
 * independent chains hide the latency of four cycles on two ports, and leave registers for the two factors.
 *
 *     fma BITS      prints the nanoseconds of one vector operation; nothing when the processor has none so wide */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __x86_64__
    #include <immintrin.h>

enum { ROUNDS = 20000000, CHAINS = 12 };

/* Each chain passes through an empty assembly statement in every round: it stays in a register, and rounds are
 * neither merged nor left out. */
    #define EACH_CHAIN(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11)
    #define STEP_512(i)                                                                                      \
        x##i = _mm512_fmadd_pd(x##i, a, b);                                                                  \
        __asm__ volatile("" : "+v"(x##i));
    #define STEP_256(i)                                                                                      \
        x##i = _mm256_fmadd_pd(x##i, a, b);                                                                  \
        __asm__ volatile("" : "+x"(x##i));
    #define START_512(i) __m512d x##i = _mm512_set1_pd(i);
    #define START_256(i) __m256d x##i = _mm256_set1_pd(i);

__attribute__((target("avx512f"))) static double fma_512(void)
{
    const __m512d a = _mm512_set1_pd(0.999), b = _mm512_set1_pd(0.001);
    EACH_CHAIN(START_512)
    const double start = omp_get_wtime();
    for (int round = 0; round < ROUNDS; round++) {
        EACH_CHAIN(STEP_512)
    }
    return (omp_get_wtime() - start) * 1e9 / ROUNDS / CHAINS;
}

__attribute__((target("avx2,fma"))) static double fma_256(void)
{
    const __m256d a = _mm256_set1_pd(0.999), b = _mm256_set1_pd(0.001);
    EACH_CHAIN(START_256)
    const double start = omp_get_wtime();
    for (int round = 0; round < ROUNDS; round++) {
        EACH_CHAIN(STEP_256)
    }
    return (omp_get_wtime() - start) * 1e9 / ROUNDS / CHAINS;
}

int main(int argc, char **argv)
{
    const int bits = argc > 1 ? atoi(argv[1]) : 0;
    if (bits == 512 && __builtin_cpu_supports("avx512f"))
        printf("%.6f\n", fma_512());
    if (bits == 256 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        printf("%.6f\n", fma_256());
    return 0;
}
#else
int main(void)
{
    return 0;
}
#endif
