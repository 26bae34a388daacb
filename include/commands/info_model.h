/** What a model file says, in words and a table: `wealthsim info --model FILE`. */
#pragma once

#include "core/error.h"
#include "models/models.h"

/** Print it to standard output. Not collective. @param[in] models  with a model file that was read
 *  @return WS_OK, or WS_FAILED (memory) */
enum status info_model_print(const struct models_parameters *models);
