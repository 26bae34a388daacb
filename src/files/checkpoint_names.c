#include "files/checkpoint_names.h"
#include "files/disk.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_DIGITS = 15, MOST_LINKS = 40, FIRST_ROOM = 16 };

const char *checkpoint_name(const char *path, int64_t number, char *name)
{
    snprintf(name, CHECKPOINT_NAME, "%s.%" PRId64, path, number);
    return name;
}

/* The number that an ending is, as checkpoint_name writes it; 0 for any other. */
static int64_t number_of(const char *ending)
{
    const size_t n = strspn(ending, "0123456789");
    return n >= 1 && n <= MOST_DIGITS && ending[n] == '\0' && ending[0] != '0' ? strtoll(ending, NULL, 10)
                                                                               : 0;
}

/* What stands behind base and a dot in a name, or NULL. */
static const char *ending_of(const char *name, const char *base)
{
    const size_t n = strlen(base);
    return strncmp(name, base, n) == 0 && name[n] == '.' ? name + n + 1 : NULL;
}

/* A path's folder and its name there. */
struct place {
    char folder[CHECKPOINT_NAME], base[CHECKPOINT_NAME];
};

static struct place place_of(const char *path)
{
    struct place place;
    char copy[CHECKPOINT_NAME];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(place.folder, sizeof place.folder, "%s", dirname(copy));
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(place.base, sizeof place.base, "%s", basename(copy));
    return place;
}

/* ---- finding ---------------------------------------------------------------------------------------------------- */

static int descending(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

static enum status add(struct checkpoint_names *list, int64_t *room, int64_t number)
{
    if (list->n == *room) {
        *room = *room > 0 ? 2 * *room : FIRST_ROOM;
        int64_t *numbers = realloc(list->numbers, (size_t)*room * sizeof *numbers);
        if (!numbers)
            return error_memory((size_t)*room * sizeof *numbers, "the list of checkpoints");
        list->numbers = numbers;
    }
    list->numbers[list->n++] = number;
    return WS_OK;
}

enum status checkpoint_names_find(const char *path, struct checkpoint_names *list)
{
    const struct place place = place_of(path);
    char name[CHECKPOINT_NAME];
    int64_t room = 0;
    enum status status = WS_OK;
    *list = (struct checkpoint_names){.n = 0};
    DIR *folder = opendir(place.folder);
    errno = folder ? 0 : errno;
    for (struct dirent *entry; folder && status == WS_OK && (entry = readdir(folder)); errno = 0) {
        const char *ending = ending_of(entry->d_name, place.base);
        const int64_t number = ending ? number_of(ending) : 0;
        if (number == 0)
            continue;
        if (checkpoint_kind_of(checkpoint_name(path, number, name)) != CHECKPOINT_FOREIGN) {
            status = add(list, &room, number);
        } else {
            list->n_foreign++;
            list->foreign = number;
        }
    }
    if (status == WS_OK && errno != 0)
        status = error_set(WS_FAILED, "the folder '%s' cannot be looked through for checkpoints: %s",
            place.folder, strerror(errno));
    if (folder)
        closedir(folder);
    if (list->n > 0)
        qsort(list->numbers, (size_t)list->n, sizeof *list->numbers, descending);
    return status;
}

void checkpoint_names_free(struct checkpoint_names *list)
{
    free(list->numbers);
}

void checkpoint_remove(const char *path, int64_t number)
{
    char name[CHECKPOINT_NAME];
    struct stat found;
    if (lstat(checkpoint_name(path, number, name), &found) == 0 && S_ISREG(found.st_mode) &&
        checkpoint_kind_of(name) == CHECKPOINT_SEALED)
        unlink(name);
}

/* ---- other files' names ----------------------------------------------------------------------------------------- */

static bool is_name_of(const char *path, const char *file)
{
    const struct place ours = place_of(path), theirs = place_of(file);
    const char *ending = ending_of(theirs.base, ours.base);
    struct stat a, b;
    return ending && (strcmp(ending, "lock") == 0 || number_of(ending) > 0) && stat(ours.folder, &a) == 0 &&
           stat(theirs.folder, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool checkpoint_names_file(const char *path, const char *file)
{
    char name[CHECKPOINT_NAME], target[CHECKPOINT_NAME];
    snprintf(name, sizeof name, "%s", file);
    for (int i = 0; i < MOST_LINKS; i++) {
        if (is_name_of(path, name))
            return true;
        const ssize_t n = readlink(name, target, sizeof target - 1);
        if (n < 0)
            return false;
        target[n] = '\0';
        const struct place place = place_of(name);
        const int length = target[0] == '/' ? snprintf(name, sizeof name, "%s", target)
                                            : snprintf(name, sizeof name, "%s/%s", place.folder, target);
        if (length >= (int)sizeof name)
            return false;
    }
    return false;
}
