/* Items to the ranks that they are for, straight and by all numbers of groups: each comes once, and answers come home. */
#include "core/comm.h"
#include "statistics/exchange.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct comm comm;

struct item {
    int from, to, number;
    int unused;
};

/* How many items a rank has for another: none for some, few or many. */
static int items_of(int from, int to, int round)
{
    const unsigned mixed = (unsigned)(from * 7919 + to * 104729 + round * 1299709) * 2654435761U >> 16;
    return mixed % 5 == 0 ? 0 : mixed % 5 == 1 ? 300 : (int)(mixed % 7);
}

static int64_t answer_to(const struct item *item)
{
    return item->from * INT64_C(1000000007) + item->to * INT64_C(10007) + item->number;
}

/* Items by the rank that they are for. @return how many there are */
static int64_t make_items(struct exchange *exchange, int round, struct item *items)
{
    int64_t n = 0;
    for (int to = 0; to < comm.size; to++) {
        exchange->send[to] = items_of(comm.rank, to, round);
        for (int i = 0; i < exchange->send[to]; i++)
            items[n++] = (struct item){.from = comm.rank, .to = to, .number = i};
    }
    return n;
}

static void check_received(const struct item *received, int64_t n, int round)
{
    int *seen = calloc((size_t)comm.size, sizeof *seen);
    assert_non_null(seen);
    for (int64_t i = 0; i < n; i++) {
        assert_int_equal(received[i].to, comm.rank);
        assert_in_range(received[i].from, 0, comm.size - 1);
        assert_in_range(received[i].number, 0, items_of(received[i].from, comm.rank, round) - 1);
        seen[received[i].from]++;
    }
    for (int from = 0; from < comm.size; from++)
        assert_int_equal(seen[from], items_of(from, comm.rank, round));
    free(seen);
}

static void check_round(struct exchange *exchange, int round)
{
    enum { MOST = 300 };
    const size_t room = (size_t)comm.size * MOST;
    struct item *sent = malloc(room * sizeof *sent), *received = malloc(room * sizeof *received);
    int64_t *reply = malloc(room * sizeof *reply), *home = malloc(room * sizeof *home);
    int64_t n_received = 0;
    assert_true(sent && received && reply && home);
    const int64_t n_sent = make_items(exchange, round, sent);
    assert_int_equal(exchange_plan(exchange, &n_received), WS_OK);
    exchange_send(exchange, sent, received);
    check_received(received, n_received, round);
    for (int64_t i = 0; i < n_received; i++)
        reply[i] = answer_to(&received[i]);
    exchange_return(exchange, reply, home);
    for (int64_t i = 0; i < n_sent; i++)
        assert_int_equal(home[i], answer_to(&sent[i]));
    free(sent);
    free(received);
    free(reply);
    free(home);
}

static void test_all_numbers_of_groups(void **state)
{
    (void)state;
    for (int groups = 0; groups <= comm.size; groups++) {
        struct exchange exchange;
        assert_int_equal(exchange_create(&exchange, comm.world, sizeof(struct item), groups), WS_OK);
        for (int round = 0; round < 3; round++)
            check_round(&exchange, round);
        exchange_destroy(&exchange);
    }
}

/* Few ranks and long messages go straight; a thousand ranks' short ones by some thirty groups. */
static void test_choice(void **state)
{
    (void)state;
    assert_int_equal(exchange_groups(16, 8), 0);
    assert_int_equal(exchange_groups(63, 8), 0);
    assert_int_equal(exchange_groups(10000, INT64_C(1) << 30), 0);
    assert_in_range(exchange_groups(1000, INT64_C(1) << 20), 25, 40);
    assert_int_equal(exchange_groups(10000, INT64_C(1) << 20), 100);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_numbers_of_groups),
        cmocka_unit_test(test_choice),
    };
    comm_start(&comm, &argc, &argv);
    return comm_end(&comm, cmocka_run_group_tests(tests, NULL, NULL));
}
