#include "core/version.h"
#include <H5public.h>
#include <gmp.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>

/* The Makefile gives these to this file alone. */
#ifndef WEALTHSIM_VERSION
    #define WEALTHSIM_VERSION "unknown"
#endif
#ifndef WEALTHSIM_DATE
    #define WEALTHSIM_DATE ""
#endif
#ifndef WEALTHSIM_CFLAGS
    #define WEALTHSIM_CFLAGS "unknown"
#endif

const char *version_wealthsim(void)
{
    return WEALTHSIM_VERSION;
}

const char *version_date(void)
{
    return WEALTHSIM_DATE;
}

const char *version_compiler(void)
{
#ifdef __clang__
    return "Clang " __clang_version__;
#else
    return "GCC " __VERSION__;
#endif
}

const char *version_compiler_flags(void)
{
    return WEALTHSIM_CFLAGS;
}

const char *version_mpi(void)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(text, &length);
    text[strcspn(text, ",\n")] = '\0'; /* Open MPI goes on with who built it where, MPICH with how */
    for (char *c = text; *c; c++)      /* "MPICH Version:", a tab, "4.0.2" */
        if (*c == '\t')
            *c = ' ';
    return text;
}

const char *version_hdf5(void)
{
    static char text[32];
    unsigned major = 0, minor = 0, release = 0;
    if (H5get_libversion(&major, &minor, &release) < 0)
        return "cannot be loaded";
    snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
    return text;
}

const char *version_gmp(void)
{
    return gmp_version;
}

const char *version_sprng(void)
{
#ifdef WITHOUT_SPRNG
    return "not linked (mlfg as in 2.0a)";
#else
    return "2.0a";
#endif
}
