#include "statistics/exchange_route.h"
#include "statistics/sort_parts.h"
#include <stdlib.h>
#include <string.h>

/* Part of an array, to or from another rank. */
struct message {
    int partner, place, count;
};

struct exchange_route {
    int groups, members;  /* members: ranks of this rank's group */
    int n_senders;        /* ranks that send by this one */
    struct message *out;  /* [groups] what is sent to each group */
    struct message *held; /* [n_senders] what this rank gets to pass on */
    struct message *on;   /* [members] what it passes on to each */
    struct message *in;   /* [members] what it gets from each */
    int *counts;          /* [n_senders][members] items of a sender for a member */
    int *on_count;        /* [members] */
    int *in_count;        /* [members] */
    char *room;           /* [2][n_room] items: as held, and as passed on */
    int64_t n_held, n_room;
    MPI_Request *requests; /* [groups + n_senders] or [2 members] */
};

/* Groups' first ranks, and where a rank stands. */
static int first_of(const struct exchange *exchange, int group)
{
    return (int)sort_first_of(exchange->size, exchange->route->groups, group);
}

static int members_of(const struct exchange *exchange, int group)
{
    return first_of(exchange, group + 1) - first_of(exchange, group);
}

static int group_of(const struct exchange *exchange, int rank)
{
    int group = (int)((int64_t)rank * exchange->route->groups / exchange->size);
    while (first_of(exchange, group) > rank)
        group--;
    while (first_of(exchange, group + 1) <= rank)
        group++;
    return group;
}

/* A group has at most one rank more than another: then two of it send by the same rank. */
static int64_t most_senders(int groups)
{
    return 2 * (int64_t)groups;
}

int64_t exchange_route_bytes(int size, int groups, int64_t bytes)
{
    const int64_t members = size / groups + 1, senders = most_senders(groups);
    return 2 * bytes + (senders + 2) * members * (int64_t)sizeof(int) +
           (groups + senders + 2 * members) * (int64_t)(sizeof(struct message) + sizeof(MPI_Request));
}

/* The ranks that send by this one, in ascending order. */
static int list_senders(const struct exchange *exchange, int group, struct message *senders)
{
    const struct exchange_route *route = exchange->route;
    const int place = exchange->rank - first_of(exchange, group);
    int n = 0;
    for (int of = 0; of < route->groups; of++)
        for (int i = place; i < members_of(exchange, of); i += route->members)
            senders[n++].partner = first_of(exchange, of) + i;
    return n;
}

enum status exchange_route_create(struct exchange *exchange, int groups)
{
    struct exchange_route *route = calloc(1, sizeof *route);
    if (!route)
        return error_memory(sizeof *route, "an exchange between ranks");
    exchange->route = route;
    route->groups = groups;
    const int group = group_of(exchange, exchange->rank), place = exchange->rank - first_of(exchange, group);
    route->members = members_of(exchange, group);
    const size_t members = (size_t)route->members, senders = (size_t)most_senders(groups),
                 messages = (size_t)groups + senders + 2 * members;
    route->out = calloc(messages, sizeof *route->out);
    route->counts = calloc((senders + 2) * members, sizeof *route->counts);
    route->requests = malloc(messages * sizeof(MPI_Request));
    if (!route->out || !route->counts || !route->requests)
        return error_memory(messages * sizeof *route->out, "an exchange between ranks");
    route->held = route->out + groups;
    route->on = route->held + senders;
    route->in = route->on + members;
    route->on_count = route->counts + senders * members;
    route->in_count = route->on_count + members;
    for (int to = 0; to < groups; to++)
        route->out[to].partner = first_of(exchange, to) + place % members_of(exchange, to);
    route->n_senders = list_senders(exchange, group, route->held);
    ENSURE(route->n_senders <= (int)senders);
    for (int i = 0; i < route->members; i++)
        route->on[i].partner = route->in[i].partner = first_of(exchange, group) + i;
    return WS_OK;
}

void exchange_route_destroy(struct exchange *exchange)
{
    struct exchange_route *route = exchange->route;
    if (!route)
        return;
    free(route->out);
    free(route->counts);
    free(route->requests);
    free(route->room);
    free(route);
    exchange->route = NULL;
}

/* Where one array's parts lie. */
struct parts {
    const struct message *of;
    int n;
};

/* The part that stays on this rank, or NULL: at most one. */
static const struct message *own_of(const struct exchange *exchange, struct parts parts)
{
    const struct message *part = parts.of, *end = part + parts.n;
    for (; part < end; part++)
        if (part->partner == exchange->rank && part->count > 0)
            return part;
    return NULL;
}

/* Send parts of one array, and receive those of another; empty ones are not sent, and a rank's own is copied. */
static void pass(const struct exchange *exchange, MPI_Datatype type, size_t bytes, struct parts out,
    const void *sent, struct parts in, void *received)
{
    const struct message *own_out = own_of(exchange, out), *own_in = own_of(exchange, in);
    MPI_Request *requests = exchange->route->requests;
    int n = 0;
    for (int i = 0; i < in.n; i++)
        if (in.of[i].count > 0 && &in.of[i] != own_in)
            MPI_CHECK(MPI_Irecv((char *)received + (size_t)in.of[i].place * bytes, in.of[i].count, type,
                in.of[i].partner, 0, exchange->comm, &requests[n++]));
    for (int i = 0; i < out.n; i++)
        if (out.of[i].count > 0 && &out.of[i] != own_out)
            MPI_CHECK(MPI_Isend((const char *)sent + (size_t)out.of[i].place * bytes, out.of[i].count, type,
                out.of[i].partner, 0, exchange->comm, &requests[n++]));
    ENSURE(own_out ? own_in && own_in->count == own_out->count : !own_in);
    if (own_out)
        memcpy((char *)received + (size_t)own_in->place * bytes,
            (const char *)sent + (size_t)own_out->place * bytes, (size_t)own_out->count * bytes);
    MPI_CHECK(MPI_Waitall(n, requests, MPI_STATUSES_IGNORE));
}

/* The four sets of messages. */
static struct parts outs(const struct exchange_route *route)
{
    return (struct parts){route->out, route->groups};
}

static struct parts helds(const struct exchange_route *route)
{
    return (struct parts){route->held, route->n_senders};
}

static struct parts ons(const struct exchange_route *route)
{
    return (struct parts){route->on, route->members};
}

static struct parts ins(const struct exchange_route *route)
{
    return (struct parts){route->in, route->members};
}

/* Every sender's counts, by this group's members; then how much each of these gets, from every one. */
static void pass_counts(struct exchange *exchange)
{
    struct exchange_route *route = exchange->route;
    const int members = route->members;
    for (int to = 0; to < route->groups; to++) {
        route->out[to].place = first_of(exchange, to);
        route->out[to].count = members_of(exchange, to);
    }
    for (int i = 0; i < route->n_senders; i++) {
        route->held[i].place = i * members;
        route->held[i].count = members;
    }
    pass(exchange, MPI_INT, sizeof(int), outs(route), exchange->send, helds(route), route->counts);
    for (int member = 0; member < members; member++) {
        int64_t items = 0;
        for (int i = 0; i < route->n_senders; i++)
            items += route->counts[i * members + member];
        ENSURE(items <= INT32_MAX);
        route->on_count[member] = (int)items;
        route->on[member].place = route->in[member].place = member;
        route->on[member].count = route->in[member].count = 1;
    }
    pass(exchange, MPI_INT, sizeof(int), ons(route), route->on_count, ins(route), route->in_count);
}

/* Messages' counts, one after another. @return the sum of all */
static int64_t place_messages(struct message *messages, int n, const int *counts)
{
    int64_t all = 0;
    for (int i = 0; i < n; i++) {
        messages[i].place = (int)all;
        messages[i].count = counts[i];
        all += counts[i];
        ENSURE(all <= INT32_MAX);
    }
    return all;
}

enum status exchange_route_plan(struct exchange *exchange, int64_t *n_received)
{
    struct exchange_route *route = exchange->route;
    const int members = route->members;
    pass_counts(exchange);
    for (int to = 0; to < route->groups; to++) {
        route->out[to].place = exchange->send_place[first_of(exchange, to)];
        route->out[to].count = 0;
        for (int rank = first_of(exchange, to); rank < first_of(exchange, to + 1); rank++)
            route->out[to].count += exchange->send[rank];
    }
    route->n_held = 0;
    for (int i = 0; i < route->n_senders; i++) {
        route->held[i].place = (int)route->n_held;
        route->held[i].count = 0;
        for (int member = 0; member < members; member++)
            route->held[i].count += route->counts[i * members + member];
        route->n_held += route->held[i].count;
        ENSURE(route->n_held <= INT32_MAX);
    }
    place_messages(route->on, members, route->on_count);
    *n_received = place_messages(route->in, members, route->in_count);

    enum status status = WS_OK;
    if (route->n_held > route->n_room || !route->room) {
        free(route->room);
        route->n_room = 0;
        const size_t bytes = 2 * (size_t)route->n_held * exchange->item_bytes + 1;
        route->room = malloc(bytes);
        if (route->room)
            route->n_room = route->n_held;
        else
            status = error_memory(bytes, "an exchange between ranks");
    }
    return error_agree(exchange->comm, status);
}

/* What is held is by sender, and what is passed on by member: copy the one to the other, or back. */
static void turn(struct exchange_route *route, size_t bytes, char *held, char *on, bool back)
{
    for (int member = 0; member < route->members; member++)
        route->on_count[member] = route->on[member].place;
    for (int i = 0; i < route->n_senders; i++) {
        size_t place = (size_t)route->held[i].place * bytes;
        for (int member = 0; member < route->members; member++) {
            const int count = route->counts[i * route->members + member];
            char *at = on + (size_t)route->on_count[member] * bytes;
            if (back)
                memcpy(held + place, at, (size_t)count * bytes);
            else
                memcpy(at, held + place, (size_t)count * bytes);
            route->on_count[member] += count;
            place += (size_t)count * bytes;
        }
    }
}

void exchange_route_send(struct exchange *exchange, const void *sent, void *received)
{
    struct exchange_route *route = exchange->route;
    const size_t bytes = exchange->item_bytes;
    char *held = route->room, *on = route->room + (size_t)route->n_held * bytes;
    pass(exchange, exchange->item, bytes, outs(route), sent, helds(route), held);
    turn(route, bytes, held, on, false);
    pass(exchange, exchange->item, bytes, ons(route), on, ins(route), received);
}

void exchange_route_return(struct exchange *exchange, const int64_t *reply, int64_t *home)
{
    struct exchange_route *route = exchange->route;
    const size_t bytes = sizeof *reply;
    char *held = route->room, *on = route->room + (size_t)route->n_held * bytes;
    ENSURE(bytes <= exchange->item_bytes);
    pass(exchange, MPI_INT64_T, bytes, ins(route), reply, ons(route), on);
    turn(route, bytes, held, on, true);
    pass(exchange, MPI_INT64_T, bytes, helds(route), held, outs(route), home);
}
