#include "simulation/groups.h"
#include <stdlib.h>

int64_t groups_bytes(const struct model *model, int64_t n_blocks_local, int threads)
{
    const int64_t of_thread = (MODEL_GROUPS + 1) * (int64_t)sizeof(int64_t);
    return model->n_groups == 0
               ? 0
               : n_blocks_local * BLOCK_SIZE * (1 + (int64_t)sizeof(int64_t)) + threads * of_thread;
}

/* What is known while the groups are looked for. */
struct search {
    const struct population *population;
    uint8_t *group; /* [n_blocks_local][256] of each household */
    int64_t (
        *next)[MODEL_GROUPS + 1]; /* [threads] households of a group; then where the next one's place is */
};

/* A thread's households, which are of whole blocks. */
static int64_t first_of(const struct population *population, int thread)
{
    const struct decomposition *part = &population->part;
    const int64_t first = part->n_blocks_local * thread / population->threads * BLOCK_SIZE;
    return first < part->n_local ? first : part->n_local;
}

static void find(const struct search *search, int scenario, int thread)
{
    const struct population *population = search->population;
    const int64_t last = first_of(population, thread + 1);
    for (int64_t i = first_of(population, thread); i < last; i++) {
        uint8_t *group = search->group + i;
        if (i % BLOCK_SIZE == 0) {
            void *state[MODEL_ARRAYS];
            population_state(population, scenario, i / BLOCK_SIZE, state);
            population->model->group(population->scenarios[scenario].law, state, group);
        }
        search->next[thread][*group]++;
    }
}

/* From counts to places: group by group, in each thread by thread. */
static void place(const struct search *search, struct groups *groups)
{
    int64_t next = 0;
    for (int group = 0; group < groups->n; group++) {
        groups->first[group] = next;
        for (int thread = 0; thread < groups->threads; thread++) {
            const int64_t count = search->next[thread][group];
            search->next[thread][group] = next;
            next += count;
        }
        groups->n_global[group] = next - groups->first[group];
    }
    groups->first[groups->n] = next;
}

static void list(const struct search *search, struct groups *groups, int thread)
{
    const int64_t last = first_of(search->population, thread + 1);
    for (int64_t i = first_of(search->population, thread); i < last; i++)
        if (search->group[i] != MODEL_NO_GROUP)
            groups->household[search->next[thread][search->group[i]]++] = i;
}

static void search_through(const struct search *search, int scenario, struct groups *groups)
{
    const int threads = groups->threads;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int thread = 0; thread < threads; thread++)
        find(search, scenario, thread);
    place(search, groups);
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int thread = 0; thread < threads; thread++)
        list(search, groups, thread);
}

enum status groups_find(
    struct groups *groups, MPI_Comm comm, const struct population *population, int scenario)
{
    *groups = (struct groups){.n = population->model->n_groups,
        .threads = population->threads,
        .first_block = population->part.first_block};
    if (groups->n == 0)
        return WS_OK;
    const size_t households = (size_t)population->part.n_blocks_local * BLOCK_SIZE + 1;
    struct search search = {.population = population,
        .group = malloc(households),
        .next = calloc((size_t)groups->threads, sizeof *search.next)};
    groups->household = malloc(households * sizeof *groups->household);
    enum status status = search.group && search.next && groups->household
                             ? WS_OK
                             : error_memory(households * (1 + sizeof *groups->household), "groups");
    status = error_agree(comm, status);
    if (status == WS_OK) {
        search_through(&search, scenario, groups);
        MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, groups->n_global, groups->n, MPI_INT64_T, MPI_SUM, comm));
    }
    free(search.group);
    free(search.next);
    return status;
}

void groups_destroy(struct groups *groups)
{
    free(groups->household);
    groups->household = NULL;
}

void groups_sort(const struct groups *groups, const double *values, double *sorted)
{
#pragma omp parallel for schedule(static) num_threads(groups->threads)
    for (int64_t i = 0; i < groups->first[groups->n]; i++)
        sorted[i] = values[groups->household[i]];
}

void groups_sort_parts(const struct groups *groups, int n, uint8_t *sorted)
{
#pragma omp parallel for schedule(static) num_threads(groups->threads)
    for (int64_t i = 0; i < groups->first[groups->n]; i++)
        sorted[i] = (uint8_t)((groups->first_block + groups->household[i] / BLOCK_SIZE) % n);
}
