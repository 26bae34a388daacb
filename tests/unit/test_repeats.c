/* Which uses are of one file, whatever it is called. */
#include "files/repeats.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MANY = 30000 };

static char folder[] = "/tmp/wealthsim-repeats-XXXXXX";

static void make_file(const char *name)
{
    FILE *file = fopen(name, "w");
    assert_true(file && fclose(file) == 0);
}

/* Files a and b; a by another name; one whose name has a colon. */
static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    make_file("a");
    make_file("b");
    make_file("a:c");
    return link("a", "linked") + symlink("b", "points");
}

static int tear_down(void **state)
{
    static const char *const names[] = {"a", "b", "a:c", "linked", "points"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(names[i]);
    return chdir("/") + rmdir(folder);
}

static void test_names(void **state)
{
    static const struct {
        struct file_use use;
        int first;
    } cases[] = {{{"b", 0, 1}, 0}, {{"a", 0, 1}, 1}, {{"", 0, 1}, 2}, {{"", 0, 1}, 3}, {{"b", 0, 1}, 0},
        {{"./a", 0, 1}, 1}, {{"linked", 0, 1}, 1}, {{"points", 0, 1}, 0}, {{"b", 0, 2}, 8}, {{"b", -1, 1}, 9},
        {{"./b", 0, 2}, 8}, {{"a:x", 0, 1}, 11}, {{"linked:x", 0, 1}, 11}, {{"a:y", 0, 1}, 13},
        {{"a:c", 0, 1}, 14}, {{"linked:c", 0, 1}, 15}, {{"none", 0, 1}, 16}, {{"none", 0, 1}, 16},
        {{"./none", 0, 1}, 18}, {{"points:x", 0, 1}, 19}, {{"a", 0, 1}, 1}, {{"b:x", 0, 1}, 19}};
    enum { CASES = sizeof cases / sizeof cases[0] };
    struct file_use uses[CASES];
    int first[CASES];
    (void)state;
    for (int i = 0; i < CASES; i++)
        uses[i] = cases[i].use;
    assert_int_equal(repeats_find(uses, CASES, first), WS_OK);
    for (int i = 0; i < CASES; i++)
        if (first[i] != cases[i].first)
            fail_msg("'%s': %d, not %d", uses[i].text, first[i], cases[i].first);
    assert_int_equal(repeats_find(uses, 0, first), WS_OK);
}

/* Each with another name, and each name twice: no time that grows with their square. */
static void test_many(void **state)
{
    static char names[MANY][16];
    struct file_use *uses = calloc(2 * MANY, sizeof *uses);
    int *first = calloc(2 * MANY, sizeof *first);
    (void)state;
    assert_true(uses && first);
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "x%d", i * 7 % MANY);
        uses[i].text = uses[2 * MANY - 1 - i].text = names[i];
    }
    assert_int_equal(repeats_find(uses, 2 * MANY, first), WS_OK);
    for (int i = 0; i < MANY; i++)
        assert_true(first[i] == i && first[2 * MANY - 1 - i] == i);
    free(uses);
    free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
