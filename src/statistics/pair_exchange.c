#include "statistics/pair_exchange.h"
#include <stdlib.h>
#include <string.h>

enum status pair_exchange_create(struct pair_exchange *exchange, MPI_Comm comm, int shares)
{
    *exchange = (struct pair_exchange){.comm = comm, .shares = shares};
    MPI_CHECK(MPI_Comm_size(comm, &exchange->size));
    MPI_CHECK(MPI_Type_contiguous(2, MPI_INT64_T, &exchange->type));
    MPI_CHECK(MPI_Type_commit(&exchange->type));
    const size_t size = (size_t)exchange->size, parts = size * (size_t)shares;
    exchange->send = malloc((2 * parts + 5 * size) * sizeof *exchange->send);
    if (!exchange->send)
        return error_memory((2 * parts + 5 * size) * sizeof *exchange->send, "ranks");
    exchange->receive = exchange->send + parts;
    exchange->send_count = exchange->receive + parts;
    exchange->send_place = exchange->send_count + size;
    exchange->receive_count = exchange->send_place + size;
    exchange->receive_place = exchange->receive_count + size;
    exchange->from = exchange->receive_place + size;
    return WS_OK;
}

void pair_exchange_destroy(struct pair_exchange *exchange)
{
    MPI_CHECK(MPI_Type_free(&exchange->type));
    free(exchange->send);
    exchange->send = NULL;
}

/* The sums of each rank's counts, and where they begin. @return the sum of all */
static int64_t sum_counts(const struct pair_exchange *exchange, const int *counts, int *sums, int *places)
{
    int64_t all = 0;
    for (int r = 0; r < exchange->size; r++) {
        places[r] = (int)all;
        sums[r] = 0;
        for (int i = 0; i < exchange->shares; i++)
            sums[r] += counts[r * exchange->shares + i];
        all += sums[r];
        ENSURE(all <= INT32_MAX);
    }
    return all;
}

int64_t pair_exchange_send(
    struct pair_exchange *exchange, const struct pair *sent, struct pair *received, int64_t room)
{
    MPI_CHECK(MPI_Alltoall(exchange->send, exchange->shares, MPI_INT, exchange->receive, exchange->shares,
        MPI_INT, exchange->comm));
    sum_counts(exchange, exchange->send, exchange->send_count, exchange->send_place);
    const int64_t n =
        sum_counts(exchange, exchange->receive, exchange->receive_count, exchange->receive_place);
    ENSURE(n <= room);
    MPI_CHECK(MPI_Alltoallv(sent, exchange->send_count, exchange->send_place, exchange->type, received,
        exchange->receive_count, exchange->receive_place, exchange->type, exchange->comm));
    return n;
}

void pair_exchange_by_share(
    struct pair_exchange *exchange, const struct pair *received, struct pair *by_share)
{
    const size_t size = (size_t)exchange->size;
    memcpy(exchange->from, exchange->receive_place, size * sizeof *exchange->from);
    for (int i = 0; i < exchange->shares; i++)
        for (int r = 0; r < exchange->size; r++) {
            const int count = exchange->receive[r * exchange->shares + i];
            memcpy(by_share, received + exchange->from[r], (size_t)count * sizeof *by_share);
            exchange->from[r] += count;
            by_share += count;
        }
}

int64_t pair_exchange_return(const struct pair_exchange *exchange, const int64_t *reply, int64_t *home)
{
    int64_t n = 0;
    MPI_CHECK(MPI_Alltoallv(reply, exchange->receive_count, exchange->receive_place, MPI_INT64_T, home,
        exchange->send_count, exchange->send_place, MPI_INT64_T, exchange->comm));
    for (int r = 0; r < exchange->size; r++)
        n += exchange->send_count[r];
    return n;
}
