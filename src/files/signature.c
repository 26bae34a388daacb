/* HDF5 File Format Specification 3.0, section II.A: the signature stands at byte 0, 512, 1024, 2048, ... */
#include "files/signature.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool signature_is_hdf5(int descriptor)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    enum { BYTES = sizeof signature - 1 };
    char bytes[BYTES];
    struct stat found;
    if (fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode))
        return false;
    for (off_t place = 0; place<found.st_size; place = place> 0 ? 2 * place : 512)
        if (pread(descriptor, bytes, BYTES, place) == BYTES && memcmp(bytes, signature, BYTES) == 0)
            return true;
    return false;
}
