#include "files/input_file.h"
#include "core/hdf5.h"
#include "files/h5.h"
#include "files/signature.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5_hl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* HDF5 locks a file that it writes to: what another program has open so may be half of it. Where there are no locks, none
 * is seen. */
enum status input_file_find(const char *option, const char *path, bool *is_hdf5)
{
    struct stat found;
    *is_hdf5 = false;
    const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &found) != 0)
        return error_add(WS_USAGE, "--%s: cannot read '%s': %s", option, path, strerror(errno));
    *is_hdf5 = signature_is_hdf5(descriptor);
    const bool is_written = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(descriptor); /* and its lock is gone */
    if (is_written)
        return error_add(WS_USAGE,
            "--%s: '%s' is open for writing elsewhere: close it there, or start from a copy", option, path);
    if (S_ISDIR(found.st_mode))
        return error_add(WS_USAGE, "--%s: cannot read '%s': %s", option, path, strerror(EISDIR));
    if (!S_ISREG(found.st_mode))
        return error_add(WS_USAGE,
            "--%s: '%s' is a pipe or a device, and is read more than once: write what comes out of it "
            "to a file first",
            option, path);
    return WS_OK;
}

hid_t input_file_open(const char *option, const char *path)
{
    char why[H5_REASON];
    h5_begin();
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0 && hdf5_fault())
        error_add(WS_FAILED, "--%s: cannot read '%s': %s", option, path, hdf5_fault());
    else if (file < 0)
        error_add(WS_USAGE, "--%s: '%s' is a damaged HDF5 file, or cannot be read now: HDF5 says '%s'",
            option, path, h5_reason(why));
    return file;
}

enum status input_file_check_filters(
    const char *option, const char *path, const char *dataset_name, hid_t dataset)
{
    const hid_t plan = H5Dget_create_plist(dataset);
    enum status status = WS_OK;
    for (int i = 0; i < H5Pget_nfilters(plan) && status == WS_OK; i++) {
        unsigned flags = 0;
        size_t n_values = 0;
        char name[64] = "";
        const H5Z_filter_t filter =
            H5Pget_filter2(plan, (unsigned)i, &flags, &n_values, NULL, sizeof name, name, NULL);
        if (filter >= 0 && H5Zfilter_avail(filter) <= 0)
            status = error_add(WS_USAGE,
                "--%s: dataset '%s' of '%s' needs HDF5's filter %d (%.60s), which is not here: name the "
                "folder of its plugin in HDF5_PLUGIN_PATH, or write the file anew without it "
                "(h5repack -f NONE, where it is there)",
                option, dataset_name, path, (int)filter, name[0] ? name : "without a name");
    }
    H5Pclose(plan);
    return status;
}

/* netCDF gives such a scale this name. */
bool input_file_is_bare_dimension(hid_t dataset)
{
    static const char beginning[] = "This is a netCDF dimension but not a netCDF variable";
    char name[sizeof beginning + 64] = "";
    return H5DSis_scale(dataset) > 0 && H5DSget_scale_name(dataset, name, sizeof name) > 0 &&
           strncmp(name, beginning, sizeof beginning - 1) == 0;
}

bool input_file_lies_elsewhere(hid_t dataset)
{
    const hid_t plan = H5Dget_create_plist(dataset);
    const bool elsewhere = H5Pget_external_count(plan) > 0 || H5Pget_layout(plan) == H5D_VIRTUAL;
    H5Pclose(plan);
    return elsewhere;
}
