/* A SPRNG library that packs its streams in another way is served through sprng(), never believed.
 *
 * This program is linked with --wrap=pack_rng: its own stands before the library's and returns a packed form whose layout is as
 * expected but whose lags are in another order. */
#include "random/mlfg.h"
#include "random/stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linked_sprng.h"

enum layout { FOREIGN_LENGTH, FOREIGN_FIELDS, FOREIGN_ORDER, LAYOUTS };

static enum layout layout;
static int packed_streams;

/* What mlfg_unpack expects of a stream of lags (63, 31), with odd but wrong lags. */
int __wrap_pack_rng(int *object, char **buffer);
int __wrap_pack_rng(int *object, char **buffer)
{
    (void)object;
    packed_streams++;
    unsigned char *packed = calloc(1, MLFG_PACKED_BYTES);
    assert_non_null(packed);
    packed[3] = SPRNG_MLFG;
    packed[63] = 3;
    packed[71] = MLFG_LAG;
    packed[75] = layout == FOREIGN_FIELDS ? MLFG_SHORT_LAG + 1 : MLFG_SHORT_LAG;
    for (int i = 0; i < MLFG_LAG; i++)
        packed[MLFG_PACKED_BYTES - 8 * i - 1] = (unsigned char)(2 * i + 1);
    *buffer = (char *)packed;
    return layout == FOREIGN_LENGTH ? MLFG_PACKED_BYTES - 8 : MLFG_PACKED_BYTES;
}

static void test_foreign_layouts(void **unused)
{
    (void)unused;
    need_sprng();
    for (int l = 0; l < LAYOUTS; l++) {
        layout = (enum layout)l;
        packed_streams = 0;
        struct streams *streams = NULL;
        assert_int_equal(streams_create(&streams, RNG_MLFG, 42, 10, 3, 2), WS_OK);
        assert_int_equal(packed_streams, 1);
        for (int64_t i = 0; i < 3; i++) {
            uint64_t words[300];
            int *object = init_sprng(SPRNG_MLFG, (int)(10 + i), 2147483647, 42, 3);
            for (int k = 0; k < STREAM_DISCARD; k++)
                sprng(object);
            streams_fill(streams, i, 300, words);
            for (int k = 0; k < 300; k++)
                assert_true((double)(words[k] >> 12) * 0x1p-52 == sprng(object));
            free_sprng(object);
        }
        streams_destroy(streams);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_foreign_layouts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
