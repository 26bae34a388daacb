/** The header of the SPRNG library, which packages put into a folder sprng and upstream's sources do not. */
#pragma once

#if __has_include(<sprng/sprng.h>)
    #include <sprng/sprng.h>
#else
    #include <sprng.h>
#endif
