/* Uses are sorted by their texts; of each text the first use, alone, by the file that it names. */
#include "files/repeats.h"
#include "files/initial.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A use, and the file as the system knows it: what is left of the text names the dataset. */
struct key {
    const struct file_use *use;
    int place; /* among the uses */
    dev_t device;
    ino_t number; /* 0, as the device: not known */
    const char *rest;
};

static int by_number(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare(const struct key *a, const struct key *b)
{
    const int by_low = by_number(a->use->low, b->use->low), by_high = by_number(a->use->high, b->use->high);
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return by_low != 0 ? by_low : by_high != 0 ? by_high : strcmp(a->rest, b->rest);
}

static int by_file(const void *a, const void *b)
{
    const struct key *one = a, *other = b;
    const int files = compare(one, other);
    return files != 0 ? files : one->place - other->place;
}

static void look(struct key *key)
{
    char path[INITIAL_PATH];
    struct stat found;
    initial_path(key->use->text, path);
    if (stat(path, &found) != 0)
        return;
    key->device = found.st_dev;
    key->number = found.st_ino;
    key->rest = key->use->text + strlen(path);
}

/* Sort, and point each use at the first of its like. @return how many are first: then they stand in front */
static int gather(struct key *keys, int n, int *first)
{
    int n_first = 0;
    qsort(keys, (size_t)n, sizeof *keys, by_file);
    for (int i = 0; i < n; i++) {
        if (i == 0 || compare(&keys[n_first - 1], &keys[i]) != 0)
            keys[n_first++] = keys[i];
        first[keys[i].place] = keys[n_first - 1].place;
    }
    return n_first;
}

enum status repeats_find(const struct file_use *uses, int n, int *first)
{
    struct key *keys = calloc((size_t)n + 1, sizeof *keys);
    int n_keys = 0;
    if (!keys)
        return error_memory((size_t)n * sizeof *keys, "the scenarios' files");
    for (int i = 0; i < n; i++) {
        first[i] = i;
        if (uses[i].text[0])
            keys[n_keys++] = (struct key){.use = &uses[i], .place = i, .rest = uses[i].text};
    }
    n_keys = gather(keys, n_keys, first);
    for (int i = 0; i < n_keys; i++)
        look(&keys[i]);
    gather(keys, n_keys, first);
    for (int i = 0; i < n; i++) /* by way of the text's first use */
        first[i] = first[first[i]];
    free(keys);
    return WS_OK;
}
