#include "models/model.h"
#include <math.h>

int model_words(const struct model *model)
{
    return model_first_words(model) + BLOCK_SIZE * model->uniforms;
}

int model_first_words(const struct model *model)
{
    return BLOCK_SIZE * (model->words > 0 ? model->words : (model->normals + 1) / 2 * 2);
}

size_t model_array_bytes(const struct model *model, int array)
{
    static const size_t bytes[] = {[ARRAY_REAL] = sizeof(double),
        [ARRAY_UINT8] = sizeof(uint8_t),
        [ARRAY_UINT16] = sizeof(uint16_t),
        [ARRAY_INT] = sizeof(int32_t)};
    return bytes[model->arrays[array].type];
}

int64_t model_array_integer(enum array_type type, const void *values, int64_t i)
{
    return type == ARRAY_UINT8    ? ((const uint8_t *)values)[i]
           : type == ARRAY_UINT16 ? ((const uint16_t *)values)[i]
                                  : ((const int32_t *)values)[i];
}

/* How many of TOGETHER values: in as many sums as the compiler likes to have in vectors. */
enum { TOGETHER = 64, SUMS = 4 };

static double count_outside(const double *values, double low, double high)
{
    double outside[SUMS] = {0}, sum = 0;
    for (int i = 0; i < TOGETHER; i += SUMS)
        for (int k = 0; k < SUMS; k++)
            outside[k] += values[i + k] >= low && values[i + k] <= high ? 0. : 1.;
    for (int k = 0; k < SUMS; k++)
        sum += outside[k];
    return sum;
}

int64_t model_first_outside(const double *values, int64_t n, double low, double high)
{
    int64_t i = 0;
    while (i + TOGETHER <= n && count_outside(values + i, low, high) == 0)
        i += TOGETHER;
    while (i < n && values[i] >= low && values[i] <= high)
        i++;
    return i;
}

/* Of a type that holds it. */
static void set_integer(enum array_type type, void *values, int64_t i, int64_t value)
{
    if (type == ARRAY_UINT8)
        ((uint8_t *)values)[i] = (uint8_t)value;
    else if (type == ARRAY_UINT16)
        ((uint16_t *)values)[i] = (uint16_t)value;
    else
        ((int32_t *)values)[i] = (int32_t)value;
}

const void *model_array_as(
    enum array_type type, enum array_type from, const void *values, int64_t n, void *room)
{
    if (type == from)
        return values;
    for (int64_t i = 0; i < n; i++)
        set_integer(type, room, i, model_array_integer(from, values, i));
    return room;
}

size_t model_household_bytes(const struct model *model)
{
    size_t bytes = 0;
    for (int array = 0; array < model->n_arrays; array++)
        bytes += model_array_bytes(model, array);
    return bytes;
}

const struct theory theory_unknown = {.has_stationary_law = true,
    .has_mean = true,
    .has_variance = true,
    .has_fourth_moment = true,
    .mean = NAN,
    .variance = NAN,
    .tail_index = NAN};

int model_quantities(const struct model *model)
{
    return 1 + model->n_quantities;
}

int model_groups(const struct model *model)
{
    return 1 + model->n_groups;
}

int model_summaries(const struct model *model)
{
    return model_groups(model) * model_quantities(model);
}

int model_summary_quantity(const struct model *model, int summary)
{
    return summary % model_quantities(model);
}

struct model_quantity model_quantity(const struct model *model, int quantity)
{
    const struct model_array *first = &model->arrays[0];
    return quantity > 0 ? model->quantities[quantity - 1]
                        : (struct model_quantity){.name = first->name, .long_name = first->long_name};
}

int model_kept(const struct model *model)
{
    for (int i = 0; i < model->n_quantities; i++)
        if (model->quantities[i].is_of_period)
            return model->kept;
    return 0;
}

struct theory model_theory(const struct model *model, const void *law)
{
    return model->theory ? model->theory(law) : theory_unknown;
}
