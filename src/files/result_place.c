#include "files/result_place.h"
#include "files/atomic_file.h"
#include "files/initial.h"
#include "files/signature.h"
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same(const struct stat *one, const char *path)
{
    struct stat other;
    return stat(path, &other) == 0 && one->st_dev == other.st_dev && one->st_ino == other.st_ino;
}

/* A file that cannot be read is not known to be HDF5's. */
static bool is_hdf5(const char *path)
{
    const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const bool is = descriptor >= 0 && signature_is_hdf5(descriptor);
    if (descriptor >= 0)
        close(descriptor);
    return is;
}

static enum status check_replaced(const struct options *options)
{
    char initial[INITIAL_PATH] = "";
    struct stat found;
    const char *output = options->output;
    if (stat(output, &found) != 0 || !S_ISREG(found.st_mode))
        return WS_OK;
    if (options->initial[0])
        initial_path(options->initial, initial);
    const char *option = initial[0] && is_same(&found, initial)                   ? "initial"
                         : options->config[0] && is_same(&found, options->config) ? "config"
                                                                                  : NULL;
    if (option)
        return error_add(WS_USAGE,
            "--output: '%s' is the file that --%s reads: the result would replace it: give another "
            "-o FILE",
            output, option);
    if (found.st_size > 0 && !is_hdf5(output))
        return error_add(WS_USAGE,
            "--output: '%s' is there and is not an HDF5 file that could be read: a result would replace it: "
            "remove it, or "
            "give another -o FILE",
            output);
    return WS_OK;
}

enum status result_place_check(const struct options *options, int64_t bytes)
{
    const enum status status = atomic_file_check(options->output, "output", bytes);
    return status == WS_OK ? check_replaced(options) : status;
}
