/** Pairs to the ranks whose parts they belong to, and an answer for each back. Each rank has as many parts of the order, its
 *  shares. */
#pragma once

#include "core/error.h"
#include "statistics/pairs.h"
#include <mpi.h>

struct pair_exchange {
    MPI_Comm comm;
    int size, shares;
    int *send;    /**< [size × shares] pairs to each part: set by the caller before pair_exchange_send */
    int *receive; /**< [size × shares] pairs from each rank, of each of this rank's shares */
    int *send_count, *send_place, *receive_count, *receive_place, *from; /**< [size] */
    MPI_Datatype type;
};

/** Not collective. shares is the same on all ranks. @return WS_OK, or WS_FAILED (memory); pair_exchange_destroy in both cases */
enum status pair_exchange_create(struct pair_exchange *exchange, MPI_Comm comm, int shares);
void pair_exchange_destroy(struct pair_exchange *exchange);

/** Send them. Collective.
 *  @param[in]  sent      in the order of parts, as many as send says, less than 2^31 in all
 *  @param[out] received  by the ranks that they are from, of each the shares one after the other; [room]
 *  @return how many were received, in all */
int64_t pair_exchange_send(
    struct pair_exchange *exchange, const struct pair *sent, struct pair *received, int64_t room);

/** Put what was received in the order of shares. Not collective. */
void pair_exchange_by_share(
    struct pair_exchange *exchange, const struct pair *received, struct pair *by_share);

/** Send a number back for each. Collective.
 *  @param[in]  reply  in the order of what was received
 *  @param[out] home   in the order of what was sent
 *  @return how many were sent, in all */
int64_t pair_exchange_return(const struct pair_exchange *exchange, const int64_t *reply, int64_t *home);
