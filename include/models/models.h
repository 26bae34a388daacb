/** The list of all models. */
#pragma once

#include "models/model.h"

/** The i-th model, i = 0, 1, …: the first is the default. @return NULL when there is none */
const struct model *models_at(int i);
