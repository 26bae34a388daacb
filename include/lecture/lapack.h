/** LAPACK, loaded by those who compute with it, so that other commands start without it. Which libraries it is made of, the
 *  build has found out (LAPACK_LIBS); where they are archives, it is part of the program. */
#pragma once

#include "core/error.h"
#include <stdbool.h>
#include <stddef.h>

/** Eigenvalues of a real matrix, as Fortran compilers call it: lengths of texts come last. */
typedef void lapack_dgeev(const char *left, const char *right, const int *n, double *a, const int *lda,
    double *real, double *imaginary, double *vl, const int *ldvl, double *vr, const int *ldvr, double *work,
    const int *lwork, int *info, size_t left_length, size_t right_length);

struct lapack {
    lapack_dgeev *dgeev;         /**< works on the calling thread alone */
    bool is_for_several_threads; /**< which may call it at the same time; else one at a time */
};

/** Load it. It stays until the process ends; loading it again costs nothing. Not collective; before the threads begin that
 *  are to call it.
 *  @param[in]  host    name of this host, for the message
 *  @param[out] lapack  of no use after a failure
 *  @return WS_OK, or WS_FAILED with a message: it is not there, cannot be loaded, or changes the processor's arithmetic */
enum status lapack_open(struct lapack *lapack, const char *host);
