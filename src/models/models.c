#include "models/models.h"
#include <float.h>
#include <string.h>

static const struct {
    const struct model *model;
    size_t offset; /* of its parameters */
} rows[] = {
#define ROW(name) {&model_##name, offsetof(struct models_parameters, name)},
    MODELS_EACH(ROW)
#undef ROW
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const struct model *models_chosen(const struct models_parameters *parameters)
{
    if (parameters->selected.name)
        return &parameters->selected;
    for (int i = 1; i < (int)ROWS; i++) {
        const struct model *model = rows[i].model->chosen((const char *)parameters + rows[i].offset);
        if (model)
            return model;
    }
    return rows[0].model->chosen((const char *)parameters + rows[0].offset);
}

static size_t offset_of(const struct model *model)
{
    int i = 0;
    while (strcmp(rows[i].model->name, model->name) != 0)
        i++;
    return rows[i].offset;
}

const void *models_parameters_of(const struct models_parameters *parameters, const struct model *model)
{
    return (const char *)parameters + offset_of(model);
}

enum status models_check(const struct models_parameters *parameters)
{
    const struct model *model = models_chosen(parameters);
    return model->check ? model->check(models_parameters_of(parameters, model)) : WS_OK;
}

void models_range(const struct models_parameters *parameters, double *low, double *high)
{
    const struct model *model = models_chosen(parameters);
    *low = 0;
    *high = DBL_MAX;
    if (model->range)
        model->range(models_parameters_of(parameters, model), low, high);
}

enum status models_unite(struct models_parameters *first, size_t stride, int n)
{
    const struct model *model = models_chosen(first);
    return model->unite ? model->unite((char *)first + offset_of(model), stride, n) : WS_OK;
}

void models_select(struct models_parameters *parameters, const int *quantities, int n)
{
    struct model selected = *models_chosen(parameters);
    for (int i = 0; i < n; i++)
        selected.quantities[i] = selected.quantities[quantities[i]];
    selected.n_available = selected.n_quantities = n;
    parameters->selected = selected;
}

void models_couple(struct models_parameters *parameters, const struct model *model, double wealth)
{
    model->couple((char *)parameters + offset_of(model), wealth);
}
