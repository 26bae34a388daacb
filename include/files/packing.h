/** Packed values as the netCDF conventions (CF-1.8, sections 2.5.1 and 8.1) have them: a dataset's attributes
 *  scale_factor and add_offset, _FillValue and missing_value, valid_min, valid_max and valid_range. Not collective. */
#pragma once

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

enum { PACKING_MISSING = 64 };

struct packing {
    double scale, offset;
    double missing[PACKING_MISSING]; /**< [n_missing] packed values that stand for none */
    int n_missing;
    double low, high; /**< packed values outside are invalid */
};

/** @return NULL, or the attribute that cannot be understood */
const char *packing_of(hid_t dataset, struct packing *packing);

/** Unpack a value. @param[out] why  [bytes] set where the value is missing or invalid @return whether it is a value */
bool packing_unpack(const struct packing *packing, double packed, double *value, char *why, size_t bytes);
