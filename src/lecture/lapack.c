#include "lecture/lapack.h"
#include "core/arithmetic.h"
#include <dlfcn.h>
#include <string.h>

/* Of OpenBLAS; other libraries do not have them. */
typedef void set_threads(int threads);
typedef int get_parallel(void);

struct functions {
    lapack_dgeev *dgeev;
    set_threads *set_threads;
    get_parallel *get_parallel;
};

/* The Makefile gives LAPACK_LIBRARIES to this file alone, "libblas.so.3:liblapack.so.3": what others need comes first, and is
 * global for them to find it. */
#ifdef LAPACK_LIBRARIES
static struct functions find(void)
{
    char names[] = LAPACK_LIBRARIES, *rest = NULL;
    for (const char *name = strtok_r(names, ":", &rest); name; name = strtok_r(NULL, ":", &rest))
        if (!dlopen(name, RTLD_LAZY | RTLD_GLOBAL))
            return (struct functions){.dgeev = NULL};
    struct functions found = {
        .set_threads = (set_threads *)dlsym(RTLD_DEFAULT, "openblas_set_num_threads"),
        .get_parallel = (get_parallel *)dlsym(RTLD_DEFAULT, "openblas_get_parallel"),
    };
    found.dgeev = (lapack_dgeev *)dlsym(RTLD_DEFAULT, "dgeev_"); /* the last: dlerror is of it */
    return found;
}
#else
lapack_dgeev dgeev_;
__attribute__((weak)) set_threads openblas_set_num_threads;
__attribute__((weak)) get_parallel openblas_get_parallel;

static struct functions find(void)
{
    return (struct functions){dgeev_, openblas_set_num_threads, openblas_get_parallel};
}
#endif

enum status lapack_open(struct lapack *lapack, const char *host)
{
    const struct functions found = find();
    if (!found.dgeev)
        return error_set(WS_FAILED,
            "LAPACK cannot be loaded on host %s: %s: install it there, or have LD_LIBRARY_PATH name its "
            "folder",
            host, dlerror());
    const char *fault = arithmetic_fault(); /* which was looked for before it was loaded, too */
    if (fault)
        return error_set(WS_FAILED,
            "on host %s %s since LAPACK was loaded, which was built with -ffast-math: take another one", host,
            fault);
    if (found.set_threads)
        found.set_threads(1); /* its threads are not to run under ours */
    /* OpenBLAS built without threads hands the same memory to all that call it at a time (seen in 0.3.21: wrong
     * eigenvalues now and then). */
    *lapack = (struct lapack){found.dgeev, !found.get_parallel || found.get_parallel() != 0};
    return WS_OK;
}
