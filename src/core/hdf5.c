#include "core/hdf5.h"
#include <hdf5.h>

/* The Makefile gives these to this file alone: the libraries, "libhdf5.so.103:libhdf5_hl.so.100", what others need first; and
 * a header that names what the program wants of them, as nm finds it in the objects: FUNCTION(H5Fopen) DATA(H5T_C_S1_g). */
#if !defined HDF5_LIBRARIES || !defined HDF5_CALLS
const char *hdf5_fault(void)
{
    return NULL;
}
#else

    #include "core/arithmetic.h"
    #include <dlfcn.h>
    #include <limits.h>
    #include <stdbool.h>
    #include <stdio.h>
    #include <string.h>
    #include <unistd.h>

    #define HIDDEN __attribute__((visibility("hidden")))

/* Here a function of HDF5 is a jump to where a pointer of its own says: at first to hdf5_first, which loads the library and goes
 * on to the right place. It keeps the arguments, integers and pointers: HDF5's functions here take no others. */
HIDDEN void hdf5_first(void);
HIDDEN void hdf5_load(void);

    #if defined __x86_64__
        #define FUNCTION(name)                                                                               \
            __asm__(".text\n .globl " #name "\n .type " #name ", @function\n" #name ":\n"                    \
                    " leaq hdf5_to_" #name "(%rip), %r11\n jmp *(%r11)\n .size " #name ", . - " #name "\n");
__asm__(".text\n .hidden hdf5_first\n .globl hdf5_first\n .type hdf5_first, @function\n"
        "hdf5_first:\n"
        " pushq %rdi\n pushq %rsi\n pushq %rdx\n pushq %rcx\n pushq %r8\n pushq %r9\n pushq %r11\n"
        " call hdf5_load\n"
        " popq %r11\n popq %r9\n popq %r8\n popq %rcx\n popq %rdx\n popq %rsi\n popq %rdi\n"
        " jmp *(%r11)\n"
        ".size hdf5_first, . - hdf5_first\n");
    #elif defined __aarch64__
        #define FUNCTION(name)                                                                               \
            __asm__(".text\n .globl " #name "\n .type " #name ", %function\n" #name ":\n"                    \
                    " adrp x16, hdf5_to_" #name "\n add x16, x16, :lo12:hdf5_to_" #name "\n"                 \
                    " ldr x17, [x16]\n br x17\n .size " #name ", . - " #name "\n");
__asm__(".text\n .hidden hdf5_first\n .globl hdf5_first\n .type hdf5_first, %function\n"
        "hdf5_first:\n"
        " stp x29, x30, [sp, -96]!\n mov x29, sp\n"
        " stp x0, x1, [sp, 16]\n stp x2, x3, [sp, 32]\n stp x4, x5, [sp, 48]\n stp x6, x7, [sp, 64]\n"
        " str x16, [sp, 80]\n"
        " bl hdf5_load\n"
        " ldp x0, x1, [sp, 16]\n ldp x2, x3, [sp, 32]\n ldp x4, x5, [sp, 48]\n ldp x6, x7, [sp, 64]\n"
        " ldr x16, [sp, 80]\n"
        " ldp x29, x30, [sp], 96\n ldr x17, [x16]\n br x17\n"
        ".size hdf5_first, . - hdf5_first\n");
    #endif
    #define DATA(name)
    #include HDF5_CALLS
    #undef FUNCTION
    #undef DATA

    /* The pointers, and the numbers of HDF5's types and classes, which it gives when it begins. */
    #define FUNCTION(name) HIDDEN void (*hdf5_to_##name)(void) = hdf5_first;
    #define DATA(name)     hid_t name = H5I_INVALID_HID;
    #include HDF5_CALLS
    #undef FUNCTION
    #undef DATA

static const struct function {
    const char *name;
    void (**to)(void);
} functions[] = {
    #define FUNCTION(name) {#name, &hdf5_to_##name},
    #define DATA(name)
    #include HDF5_CALLS
    #undef FUNCTION
    #undef DATA
};

static const struct number {
    const char *name;
    hid_t *value;
} numbers[] = {
    #define FUNCTION(name)
    #define DATA(name) {#name, &name},
    #include HDF5_CALLS
};

enum {
    FUNCTIONS = sizeof functions / sizeof *functions,
    NUMBERS = sizeof numbers / sizeof *numbers,
    MOST = 8
};

static bool is_loaded;
static char fault[512];

/* Each failure of HDF5 is -1: of an identifier, a number of things, an address, or a truth value. (Of a type's size it is 0; who
 * asks for that has come past a call that failed.) */
static int64_t fail(void)
{
    return -1;
}

/* What is of that name in one of the libraries, and not what is here under the same name; NULL: dlerror says why. */
static void *find(void *const *libraries, int n, const char *name)
{
    void *found = NULL;
    for (int i = 0; i < n && !found; i++)
        found = dlsym(libraries[i], name);
    return found;
}

static bool find_all(void *const *libraries, int n)
{
    for (int i = 0; i < FUNCTIONS; i++) {
        void *const found = find(libraries, n, functions[i].name);
        if (!found)
            return false;
        memcpy(functions[i].to, &found, sizeof found);
    }
    H5open();
    for (int i = 0; i < NUMBERS; i++) {
        const hid_t *const found = find(libraries, n, numbers[i].name);
        if (!found)
            return false;
        if (*numbers[i].value == H5I_INVALID_HID) /* else HDF5 has set it: it is linked as well, by a test */
            *numbers[i].value = *found;
    }
    return true;
}

static bool load(void)
{
    char names[] = HDF5_LIBRARIES, *rest = NULL;
    void *libraries[MOST];
    int n = 0;
    for (const char *name = strtok_r(names, ":", &rest); name && n < MOST; name = strtok_r(NULL, ":", &rest))
        if (!(libraries[n++] = dlopen(name, RTLD_LAZY | RTLD_GLOBAL)))
            return false;
    return find_all(libraries, n);
}

void hdf5_load(void)
{
    char host[HOST_NAME_MAX + 1] = "";
    const char *changed = arithmetic_fault();
    gethostname(host, sizeof host - 1);
    is_loaded = true;
    if (changed) /* HDF5 1.14 crashes when it begins with another rounding */
        snprintf(fault, sizeof fault, "HDF5 is not loaded on host %s, where %s", host, changed);
    else if (!load())
        snprintf(fault, sizeof fault,
            "HDF5 cannot be loaded on host %s: %s: install it there, or have LD_LIBRARY_PATH name its folder",
            host, dlerror());
    else if (arithmetic_fault())
        snprintf(fault, sizeof fault,
            "on host %s %s since HDF5 was loaded: it, or what it needs, was built with -ffast-math: take "
            "another one",
            host, arithmetic_fault());
    for (int i = 0; i < FUNCTIONS && fault[0]; i++)
        *functions[i].to = (void (*)(void))fail;
}

const char *hdf5_fault(void)
{
    if (!is_loaded)
        hdf5_load();
    return fault[0] ? fault : NULL;
}
#endif
