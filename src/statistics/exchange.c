#include "statistics/exchange.h"
#include "statistics/exchange_route.h"
#include "statistics/sort_parts.h"
#include <math.h>
#include <stdlib.h>

enum { STRAIGHT = 64 }; /* ranks below which it is not worth while in any case */
static const double bytes_in_a_message_time = 25000;

int exchange_groups(int size, int64_t bytes)
{
    const double groups = sqrt(size), saved = size - 2 * groups;
    return size < STRAIGHT || (double)bytes >= saved * bytes_in_a_message_time ? 0 : (int)groups;
}

int64_t exchange_bytes(int size, int64_t bytes)
{
    const int groups = exchange_groups(size, bytes);
    return 4 * (int64_t)size * (int64_t)sizeof(int) +
           (groups > 0 ? exchange_route_bytes(size, groups, bytes) : 0);
}

enum status exchange_create(struct exchange *exchange, MPI_Comm comm, size_t item_bytes, int groups)
{
    *exchange = (struct exchange){.comm = comm, .item_bytes = item_bytes};
    MPI_CHECK(MPI_Comm_size(comm, &exchange->size));
    MPI_CHECK(MPI_Comm_rank(comm, &exchange->rank));
    MPI_CHECK(MPI_Type_contiguous((int)item_bytes, MPI_BYTE, &exchange->item));
    MPI_CHECK(MPI_Type_commit(&exchange->item));
    const size_t size = (size_t)exchange->size, bytes = 4 * size * sizeof *exchange->send;
    exchange->send = malloc(bytes);
    if (!exchange->send)
        return error_memory(bytes, "an exchange between ranks");
    exchange->receive = exchange->send + size;
    exchange->send_place = exchange->receive + size;
    exchange->receive_place = exchange->send_place + size;
    return groups > 0 ? exchange_route_create(exchange, groups) : WS_OK;
}

void exchange_destroy(struct exchange *exchange)
{
    exchange_route_destroy(exchange);
    if (exchange->send)
        MPI_CHECK(MPI_Type_free(&exchange->item));
    free(exchange->send);
    exchange->send = NULL;
}

enum status exchange_plan(struct exchange *exchange, int64_t *n_received)
{
    sort_places(exchange->send, exchange->size, exchange->send_place);
    if (exchange->route)
        return exchange_route_plan(exchange, n_received);
    MPI_CHECK(MPI_Alltoall(exchange->send, 1, MPI_INT, exchange->receive, 1, MPI_INT, exchange->comm));
    *n_received = sort_places(exchange->receive, exchange->size, exchange->receive_place);
    return WS_OK;
}

void exchange_send(struct exchange *exchange, const void *sent, void *received)
{
    if (exchange->route)
        exchange_route_send(exchange, sent, received);
    else
        MPI_CHECK(MPI_Alltoallv(sent, exchange->send, exchange->send_place, exchange->item, received,
            exchange->receive, exchange->receive_place, exchange->item, exchange->comm));
}

void exchange_return(struct exchange *exchange, const int64_t *reply, int64_t *home)
{
    if (exchange->route)
        exchange_route_return(exchange, reply, home);
    else
        MPI_CHECK(MPI_Alltoallv(reply, exchange->receive, exchange->receive_place, MPI_INT64_T, home,
            exchange->send, exchange->send_place, MPI_INT64_T, exchange->comm));
}
