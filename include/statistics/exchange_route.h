/** An exchange by groups of ranks (statistics/exchange.h). For exchange.c.
 *
 *  Ranks are in groups of neighbours, of as many each, or one more. What a rank has for a group goes in one message to one of
 *  its ranks, the one that stands in the group where the sender stands in its own; that rank passes it on within its group. */
#pragma once

#include "statistics/exchange.h"

/** Bytes that it takes besides the exchange's own. */
int64_t exchange_route_bytes(int size, int groups, int64_t bytes);

/** As exchange_create. @param[in,out] exchange  with its arrays */
enum status exchange_route_create(struct exchange *exchange, int groups);
void exchange_route_destroy(struct exchange *exchange);

/** As those of exchange.h. */
enum status exchange_route_plan(struct exchange *exchange, int64_t *n_received);
void exchange_route_send(struct exchange *exchange, const void *sent, void *received);
void exchange_route_return(struct exchange *exchange, const int64_t *reply, int64_t *home);
