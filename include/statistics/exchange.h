/** Items to the ranks that they are for, and an answer for each back: what sorts by parts do once a batch.
 *
 *  Straight, each rank sends a message to each. That is the least to send, but on many ranks small messages' number outweighs
 *  their length. Then by groups of neighbouring ranks, two messages on the way: to one rank of the group, and from there to
 *  the rank that it is for; some 2 √size messages for size - 1. */
#pragma once

#include "core/error.h"
#include <mpi.h>
#include <stdint.h>

struct exchange_route;

struct exchange {
    MPI_Comm comm;
    int rank, size;
    size_t item_bytes;
    MPI_Datatype item;
    int *send; /**< [size] items for each rank, set by the caller before exchange_plan */
    int *receive, *send_place,
        *receive_place;           /**< [size] straight: items from each rank, and where they are */
    struct exchange_route *route; /**< NULL: straight */
};

/** In how many groups ranks should exchange where each sends so many bytes in all; 0: straight. By a model of cost: 2 µs a
 *  message, 12.5 GB/s. */
int exchange_groups(int size, int64_t bytes);

/** Bytes that it takes on each rank, where so many bytes are sent at a time. */
int64_t exchange_bytes(int size, int64_t bytes);

/** Not collective, but for what MPI does in comm.
 *  @param[in] groups  0, or 1 … size; the same on all ranks
 *  @return WS_OK, or WS_FAILED (memory); exchange_destroy in both cases */
enum status exchange_create(struct exchange *exchange, MPI_Comm comm, size_t item_bytes, int groups);
void exchange_destroy(struct exchange *exchange);

/** How many items this rank will get, once send says what each rank has. Collective.
 *  @param[out] n_received
 *  @return WS_OK, or WS_FAILED (memory) on all ranks */
enum status exchange_plan(struct exchange *exchange, int64_t *n_received);

/** Send the items, of the last plan. Collective.
 *  @param[in]  sent      by the rank that they are for, less than 2^31 in all
 *  @param[out] received  in no order that means anything */
void exchange_send(struct exchange *exchange, const void *sent, void *received);

/** Send a number back for each item, of the last plan. Collective.
 *  @param[in]  reply  as the items were received @param[out] home  as they were sent */
void exchange_return(struct exchange *exchange, const int64_t *reply, int64_t *home);
