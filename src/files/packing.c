#include "files/packing.h"
#include <math.h>
#include <stdio.h>

/* The numbers of an attribute: how many, 0 where there is none, -1 where they are not numbers or too many. */
static int numbers_of(hid_t dataset, const char *name, double *numbers, int most)
{
    if (H5Aexists(dataset, name) <= 0)
        return 0;
    const hid_t attribute = H5Aopen(dataset, name, H5P_DEFAULT);
    const hid_t space = H5Aget_space(attribute), type = H5Aget_type(attribute);
    const H5T_class_t class = H5Tget_class(type);
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    const bool are_numbers = (class == H5T_FLOAT || class == H5T_INTEGER) && n >= 1 && n <= most &&
                             H5Aread(attribute, H5T_NATIVE_DOUBLE, numbers) >= 0;
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(attribute);
    return are_numbers ? (int)n : -1;
}

/* Attributes of a dataset of single precision may have been written in double. */
static void narrow(hid_t dataset, double *numbers, int n)
{
    const hid_t type = H5Dget_type(dataset);
    if (H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) == sizeof(float))
        for (int i = 0; i < n; i++)
            numbers[i] = (double)(float)numbers[i];
    H5Tclose(type);
}

static const char *find_missing(hid_t dataset, struct packing *packing)
{
    static const char *const names[] = {"_FillValue", "missing_value"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const int n = numbers_of(
            dataset, names[i], packing->missing + packing->n_missing, PACKING_MISSING - packing->n_missing);
        if (n < 0)
            return names[i];
        packing->n_missing += n;
    }
    narrow(dataset, packing->missing, packing->n_missing);
    return NULL;
}

static const char *find_range(hid_t dataset, struct packing *packing)
{
    double range[2] = {-INFINITY, INFINITY};
    const int n_range = numbers_of(dataset, "valid_range", range, 2);
    if (n_range != 0 && n_range != 2)
        return "valid_range";
    if (numbers_of(dataset, "valid_min", &range[0], 1) < 0)
        return "valid_min";
    if (numbers_of(dataset, "valid_max", &range[1], 1) < 0)
        return "valid_max";
    narrow(dataset, range, 2);
    packing->low = range[0];
    packing->high = range[1];
    return NULL;
}

const char *packing_of(hid_t dataset, struct packing *packing)
{
    *packing = (struct packing){.scale = 1};
    if (numbers_of(dataset, "scale_factor", &packing->scale, 1) < 0 || !isfinite(packing->scale))
        return "scale_factor";
    if (numbers_of(dataset, "add_offset", &packing->offset, 1) < 0 || !isfinite(packing->offset))
        return "add_offset";
    if (H5Aexists(dataset, "_Unsigned") > 0) /* whole numbers without sign in a type with one */
        return "_Unsigned";
    const char *fault = find_missing(dataset, packing);
    return fault ? fault : find_range(dataset, packing);
}

bool packing_unpack(const struct packing *packing, double packed, double *value, char *why, size_t bytes)
{
    for (int i = 0; i < packing->n_missing; i++)
        if (packed == packing->missing[i] || (isnan(packed) && isnan(packing->missing[i]))) {
            snprintf(why, bytes, "missing (%g: _FillValue or missing_value)", packed);
            *value = packed;
            return false;
        }
    if (packed < packing->low || packed > packing->high) {
        snprintf(why, bytes, "%g, not within valid_min and valid_max (%g to %g)", packed, packing->low,
            packing->high);
        *value = packed;
        return false;
    }
    const bool is_packed = packing->scale != 1 || packing->offset != 0;
    *value = is_packed ? packed * packing->scale + packing->offset : packed;
    return true;
}
