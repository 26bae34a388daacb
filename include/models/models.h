/** The list of all models: one row per model, by its name. A row NAME stands for model_NAME, struct NAME_parameters and
 *  NAME_option_table, the options that fill it, which the headers below declare. The first is the default. */
#pragma once

#include "models/kesten_options.h"
#include "models/model.h"
#include "models/tabulated_options.h"

#define MODELS_EACH(apply) apply(kesten) apply(tabulated)

/** The parameters of all models, as a command's options give them. Plain data. */
struct models_parameters {
#define MODELS_MEMBER(name) struct name##_parameters name;
    MODELS_EACH(MODELS_MEMBER)
#undef MODELS_MEMBER
    struct model
        selected; /**< the model that they ask for, with the quantities that were selected; else without a name */
};

/** The model that the parameters ask for: within them, if it was made for them. */
const struct model *models_chosen(const struct models_parameters *parameters);

/** A model's own parameters among them. */
const void *models_parameters_of(const struct models_parameters *parameters, const struct model *model);

/** Whether the chosen model can make a law of them. @return WS_OK; WS_USAGE with messages */
enum status models_check(const struct models_parameters *parameters);

/** What wealth the chosen model allows a household to start with: [low, high], both finite. */
void models_range(const struct models_parameters *parameters, double *low, double *high);

/** Give scenarios, all of which ask for the model that the first asks for, one model for all their states.
 *  @param[in,out] first  of n, the others each so many bytes behind the one before
 *  @return WS_OK; WS_USAGE with a message where they cannot be together */
enum status models_unite(struct models_parameters *first, size_t stride, int n);

/** Have records be of other quantities than those of the chosen model alone: of these of its quantities.
 *  @param[in] quantities  [n] 0 … n_available - 1, ascending */
void models_select(struct models_parameters *parameters, const int *quantities, int n);

/** Change a model's to those of a coupled run, which starts from this wealth. */
void models_couple(struct models_parameters *parameters, const struct model *model, double wealth);
