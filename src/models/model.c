#include "models/model.h"
#include <math.h>

int model_words(const struct model *model)
{
    return BLOCK_SIZE * ((model->normals + 1) / 2 * 2 + model->uniforms);
}

size_t model_array_bytes(const struct model *model, int array)
{
    return model->arrays[array].type == ARRAY_REAL ? sizeof(double) : sizeof(int32_t);
}

size_t model_household_bytes(const struct model *model)
{
    size_t bytes = 0;
    for (int array = 0; array < model->n_arrays; array++)
        bytes += model_array_bytes(model, array);
    return bytes;
}

struct theory model_theory(const struct model *model, const void *law)
{
    static const struct theory unknown = {.has_stationary_law = true,
        .has_mean = true,
        .has_variance = true,
        .has_fourth_moment = true,
        .mean = NAN,
        .variance = NAN,
        .tail_index = NAN};
    return model->theory ? model->theory(law) : unknown;
}
