/** The files FILE.1, FILE.2, … of a run's checkpoints, by their names: finding and removing them, and telling other files
 *  from them. None of these functions is collective. */
#pragma once

#include "files/checkpoint.h"

enum { CHECKPOINT_NAME = 4096 + 32 };

/** @param[out] name  [CHECKPOINT_NAME]; returned */
const char *checkpoint_name(const char *path, int64_t number, char *name);

/** The checkpoints that are there, whole or not, newest first; files of such names that are none are counted. */
struct checkpoint_names {
    int64_t *numbers; /**< [n] */
    int64_t n;
    int64_t n_foreign, foreign; /**< how many are no checkpoints, and the number of one of them */
};

/** @param[out] list  to be freed, after a failure too
 *  @return WS_OK; WS_FAILED where the folder cannot be read, with a message */
enum status checkpoint_names_find(const char *path, struct checkpoint_names *list);
void checkpoint_names_free(struct checkpoint_names *list);

/** Remove a checkpoint. What has not a checkpoint's end is left alone, whatever its name. */
void checkpoint_remove(const char *path, int64_t number);

/** Whether a file has, by any spelling or link, a name that a checkpoint or the lock of these could have. */
bool checkpoint_names_file(const char *path, const char *file);
