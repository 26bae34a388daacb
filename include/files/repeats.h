/** Which of many uses of files are of one file, that each may be read once. */
#pragma once

#include "core/error.h"

/** A file that is read for somebody: as its option names it, FILE or FILE:DATASET, and the range that its values are held
 *  against. Both bounds may be 0. */
struct file_use {
    const char *text; /**< "" for none */
    double low, high;
};

/** Find for each use the first of the same file: the same text, or another name of the file with the same dataset, in the
 *  same range. One without a file is its own. Not collective; it looks at each text's file once.
 *  @param[out] first  [n] @return WS_OK, or WS_FAILED (memory) */
enum status repeats_find(const struct file_use *uses, int n, int *first);
