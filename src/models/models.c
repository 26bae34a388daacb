#include "models/models.h"
#include "models/kesten.h"

/* One row per model. */
static const struct model *const models[] = {
    &model_kesten,
};

const struct model *models_at(int i)
{
    return i >= 0 && i < (int)(sizeof models / sizeof models[0]) ? models[i] : NULL;
}
