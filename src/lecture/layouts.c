#include "lecture/layouts.h"

const char *layout_kind_name(enum layout_kind kind)
{
    static const char *const names[LAYOUT_KINDS] = {"serial", "threads", "ranks", "hybrid"};
    return names[kind];
}

/* The threads of a hybrid layout's ranks: the most, up to the root of the cores, that divide them and leave no more
 * ranks than there are; 0 for none. */
static int hybrid_threads(int cores, int ranks, int threads)
{
    int best = 0;
    for (int t = 2; t <= threads && t <= cores / t; t++)
        if (cores % t == 0 && cores / t <= ranks)
            best = t;
    return best;
}

/* The layouts on so many cores. @return the list's new length */
static int add_layouts(int cores, int ranks, int threads, struct layout *layouts, int n)
{
    if (cores <= threads)
        layouts[n++] = (struct layout){.kind = LAYOUT_THREADS, .ranks = 1, .threads = cores};
    if (cores <= ranks)
        layouts[n++] = (struct layout){.kind = LAYOUT_RANKS, .ranks = cores, .threads = 1};
    const int each = hybrid_threads(cores, ranks, threads);
    if (each > 0)
        layouts[n++] = (struct layout){.kind = LAYOUT_HYBRID, .ranks = cores / each, .threads = each};
    return n;
}

int layouts_list(int cores, int ranks, int threads, struct layout *layouts)
{
    int n = 0;
    layouts[n++] = (struct layout){.kind = LAYOUT_SERIAL, .ranks = 1, .threads = 1};
    for (int c = 2; c < cores && c <= cores / 2 + 1; c *= 2)
        n = add_layouts(c, ranks, threads, layouts, n);
    return cores > 1 ? add_layouts(cores, ranks, threads, layouts, n) : n;
}
