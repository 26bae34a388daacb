/* LAPACK through eigvals_of_matrix: matrices whose eigenvalues are known, and random ones by trace and determinant. */
#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "lecture/eigvals.h"

enum { ORDER = 24 };

static struct lapack lapack;

static int load_lapack(void **state)
{
    (void)state;
    return lapack_open(&lapack, "here") == WS_OK ? 0 : -1;
}

/* The nearest of n values: how far away it is. */
static double distance(double complex expected, const double complex *value, int n)
{
    double nearest = INFINITY;
    for (int i = 0; i < n; i++)
        nearest = fmin(nearest, cabs(value[i] - expected));
    return nearest;
}

static void solve(double *matrix, int order, double complex *value)
{
    assert_int_equal(eigvals_of_matrix(&lapack, matrix, order, value), 0);
}

/* A cyclic shift: the roots of unity, in conjugate pairs with the positive imaginary part first. */
static void test_shift(void **state)
{
    double matrix[ORDER * ORDER] = {0};
    double complex value[ORDER];
    (void)state;
    for (int i = 0; i < ORDER; i++)
        matrix[i * ORDER + (i + 1) % ORDER] = 1;
    solve(matrix, ORDER, value);
    for (int k = 0; k < ORDER; k++)
        assert_true(distance(cexp(2 * M_PI * I * k / ORDER), value, ORDER) < 1e-14);
    for (int i = 0; i < ORDER; i++)
        if (cimag(value[i]) > 1e-8) {
            assert_true(value[i + 1] == conj(value[i]));
            i++;
        }
}

/* Upper triangular: its diagonal, exactly. */
static void test_triangle(void **state)
{
    double matrix[ORDER * ORDER] = {0};
    double complex value[ORDER];
    (void)state;
    for (int column = 0; column < ORDER; column++)
        for (int row = 0; row <= column; row++)
            matrix[column * ORDER + row] = row == column ? 1 + row : 0.5;
    solve(matrix, ORDER, value);
    for (int i = 0; i < ORDER; i++)
        assert_true(distance(1 + i, value, ORDER) == 0);
}

static void test_order_one(void **state)
{
    double matrix[] = {-3.25};
    double complex value[1];
    (void)state;
    solve(matrix, 1, value);
    assert_true(value[0] == -3.25);
}

/* Gauss's elimination with pivots. */
static double determinant(double *a, int n)
{
    double product = 1;
    for (int k = 0; k < n; k++) {
        int pivot = k;
        for (int i = k + 1; i < n; i++)
            pivot = fabs(a[k * n + i]) > fabs(a[k * n + pivot]) ? i : pivot;
        for (int j = 0; j < n && pivot != k; j++) {
            const double kept = a[j * n + k];
            a[j * n + k] = a[j * n + pivot];
            a[j * n + pivot] = kept;
        }
        product *= pivot == k ? a[k * n + k] : -a[k * n + k];
        for (int i = k + 1; i < n; i++)
            for (int j = k + 1; j < n; j++)
                a[j * n + i] -= a[k * n + i] / a[k * n + k] * a[j * n + k];
    }
    return product;
}

/* Sum and product of the eigenvalues of random matrices. */
static void test_random_matrices(void **state)
{
    enum { MATRICES = 64 };
    static double complex value[MATRICES][ORDER];
    double trace[MATRICES] = {0}, product[MATRICES];
    int failed = 0;
    (void)state;
    for (int m = 0; m < MATRICES; m++) {
        double matrix[ORDER * ORDER], copy[ORDER * ORDER];
        uint64_t x = 88172645463325252u + (uint64_t)m;
        for (int i = 0; i < ORDER * ORDER; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            matrix[i] = (double)(x >> 11) * 0x1p-53 - 0.5;
        }
        for (int i = 0; i < ORDER; i++)
            trace[m] += matrix[i * ORDER + i];
        memcpy(copy, matrix, sizeof copy);
        product[m] = determinant(copy, ORDER);
        failed += eigvals_of_matrix(&lapack, matrix, ORDER, value[m]) != 0;
    }
    assert_int_equal(failed, 0);
    for (int m = 0; m < MATRICES; m++) {
        double complex sum = 0, all = 1;
        for (int i = 0; i < ORDER; i++) {
            sum += value[m][i];
            all *= value[m][i];
        }
        assert_true(cabs(sum - trace[m]) < 1e-12 && cabs(all / product[m] - 1) < 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_triangle),
        cmocka_unit_test(test_order_one),
        cmocka_unit_test(test_random_matrices),
    };
    return cmocka_run_group_tests(tests, load_lapack, NULL);
}
