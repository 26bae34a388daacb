#include "runtime/parse.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LONGEST_NAME = 63 };

static bool only_blanks(const char *text)
{
    return text[strspn(text, " \t")] == '\0';
}

const char *parse_real(const char *text, double *value)
{
    char *end = NULL;
    const double parsed = strtod(text, &end);
    if (end == text || !only_blanks(end) || !isfinite(parsed))
        return "a finite number";
    *value = parsed;
    return NULL;
}

const char *parse_count(const char *text, int64_t *value)
{
    char *end = NULL;
    double real = 0;
    errno = 0;
    const long long parsed = strtoll(text, &end, 10);
    if (end != text && only_blanks(end) && errno == 0) {
        *value = parsed;
        return NULL;
    }
    if (parse_real(text, &real) != NULL || real != floor(real) || fabs(real) > 0x1p53)
        return "a whole number";
    *value = (int64_t)real;
    return NULL;
}

const char *parse_time(const char *text, double *seconds)
{
    static const char what[] = "a time: seconds, or [D-]HH:MM:SS";
    long days = 0, hours = 0, minutes = 0, rest = 0;
    int end = 0; /* nine digits at most: the seconds fit into 64 bits */
    if ((sscanf(text, "%9ld-%9ld:%9ld:%9ld%n", &days, &hours, &minutes, &rest, &end) == 4 &&
            text[end] == '\0') ||
        (days = 0,
            sscanf(text, "%9ld:%9ld:%9ld%n", &hours, &minutes, &rest, &end) == 3 && text[end] == '\0')) {
        if (days < 0 || hours < 0 || minutes < 0 || minutes > 59 || rest < 0 || rest > 59)
            return what;
        *seconds = (double)(((days * 24 + hours) * 60 + minutes) * 60 + rest);
    } else if (parse_real(text, seconds) != NULL) {
        return what;
    }
    return *seconds > 0 ? NULL : what;
}

const char *parse_interval(const char *text, double *seconds, int64_t *periods)
{
    static const char what[] = "a time, or periods like 100p";
    const size_t length = strlen(text);
    char digits[32];
    *seconds = 0;
    *periods = 0;
    if (length < 2 || text[length - 1] != 'p')
        return parse_time(text, seconds) ? what : NULL;
    if (length > sizeof digits)
        return what;
    snprintf(digits, sizeof digits, "%.*s", (int)length - 1, text);
    return parse_count(digits, periods) || *periods < 1 ? what : NULL;
}

const char *parse_flag(const char *text, bool *value)
{
    static const char *const words[2][4] = {{"false", "no", "off", "0"}, {"true", "yes", "on", "1"}};
    for (int truth = 0; truth < 2; truth++)
        for (int i = 0; i < 4; i++)
            if (strcasecmp(text, words[truth][i]) == 0) {
                *value = truth == 1;
                return NULL;
            }
    return "true or false";
}

const char *parse_list(const char *text, double *value, int capacity, int *n)
{
    for (*n = 0; *n < capacity;) {
        char *end = NULL;
        value[*n] = strtod(text, &end);
        end += strspn(end, " \t");
        if (end == text || !isfinite(value[*n]) || (*end != ',' && *end != '\0'))
            return "a list of numbers with commas between them";
        (*n)++;
        if (*end == '\0')
            return NULL;
        text = end + 1;
    }
    return "a list that short";
}

static int least(int a, int b, int c)
{
    const int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Edits (insert, delete, change, swap two neighbours) from a to b: the optimal string alignment distance. */
static int edit_distance(const char *a, const char *b)
{
    int rows[3][LONGEST_NAME + 2], *before = rows[0], *last = rows[1], *now = rows[2];
    const int na = (int)strlen(a), nb = (int)strlen(b);
    if (na > LONGEST_NAME || nb > LONGEST_NAME)
        return LONGEST_NAME;
    for (int j = 0; j <= nb; j++)
        last[j] = j;
    for (int i = 1; i <= na; i++) {
        now[0] = i;
        for (int j = 1; j <= nb; j++) {
            const bool same = a[i - 1] == b[j - 1];
            now[j] = least(last[j] + 1, now[j - 1] + 1, last[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
        int *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[nb];
}

const char *parse_nearest(const char *text, const char *const *names, int n)
{
    const char *nearest = NULL;
    const size_t length = strlen(text);
    int best = length < 4 ? 2 : (int)(length / 3) + 2; /* this far away is too far */
    for (int i = 0; i < n; i++) {
        /* What begins like the name is an unfinished name. */
        const int distance =
            length >= 3 && strncmp(text, names[i], length) == 0 ? 0 : edit_distance(text, names[i]);
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
