/** The layouts that the lecture's comparison goes through: serial, threads in one rank, ranks with one thread, both. No
 *  MPI calls. */
#pragma once

enum layout_kind { LAYOUT_SERIAL, LAYOUT_THREADS, LAYOUT_RANKS, LAYOUT_HYBRID, LAYOUT_KINDS };

/** "serial", "threads", "ranks", "hybrid". */
const char *layout_kind_name(enum layout_kind kind);

struct layout {
    enum layout_kind kind;
    int ranks, threads; /**< threads of each rank */
};

enum { LAYOUTS_MOST = 100 };

/** All layouts on 1, 2, 4, … cores and on all: serial first, then by cores. A hybrid one, of at least two ranks with at
 *  least two threads each, has as many ranks as threads of a rank, or the nearest to it with more ranks.
 *  @param[in]  cores    >= 1
 *  @param[in]  ranks    that there are, >= 1; a layout does not need more
 *  @param[in]  threads  that a rank may have, >= 1
 *  @param[out] layouts  [LAYOUTS_MOST]
 *  @return how many they are */
int layouts_list(int cores, int ranks, int threads, struct layout *layouts);
