#include "core/words.h"
#include <inttypes.h>
#include <stdio.h>

const char *words_count(int64_t count, char *text)
{
    char digits[24];
    const int n = snprintf(digits, sizeof digits, "%" PRId64, count);
    char *to = text;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

const char *words_plural(int64_t count)
{
    return count == 1 ? "" : "s";
}
