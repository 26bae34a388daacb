#include "core/parse.h"
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

/* Whether a decimal point only shifts: 1.5e3 is a clear whole number, but 50.000 may be meant as fifty thousand. */
static bool has_fraction(const char *text)
{
    const char *point = strchr(text, '.');
    const char *exponent = point ? strpbrk(point, "eE") : NULL;
    const size_t digits = point ? strspn(point + 1, "0123456789") : 0;
    return point && (!exponent || strtol(exponent + 1, NULL, 10) < (long)digits);
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
    if (has_fraction(text) || parse_real(text, &real) != NULL || real != floor(real) || fabs(real) > 0x1p53)
        return "a whole number";
    *value = (int64_t)real;
    return NULL;
}

/* One of the numbers that a time consists of, and the character behind it. Nine digits at most: sums stay exact. */
static bool take_number(const char **text, double *number, char *behind)
{
    const size_t digits = strspn(*text, "0123456789");
    if (digits < 1 || digits > 9)
        return false;
    *number = strtod(*text, NULL);
    *behind = (*text)[digits];
    *text += digits + (*behind != '\0');
    return true;
}

/* M:SS, H:MM:SS, D-H, D-H:MM, D-H:MM:SS in seconds; 0 for anything else. Only a first number, and hours, pass 59. */
static double slurm_seconds(const char *text)
{
    static const double unit[] = {3600, 60, 1};
    double days = 0, field[3] = {0}, seconds = 0;
    char behind = ':';
    int n = 0;
    const bool has_days = strchr(text, '-') != NULL;
    if (has_days && (!take_number(&text, &days, &behind) || behind != '-'))
        return 0;
    do {
        if (n == 3 || !take_number(&text, &field[n], &behind) || (n > 0 && field[n] > 59))
            return 0;
        n++;
    } while (behind == ':');
    if (behind != '\0' || (n == 1 && !has_days))
        return 0;
    for (int i = 0; i < n; i++)
        seconds += field[i] * unit[i + (has_days ? 0 : 3 - n)];
    return seconds + days * 86400;
}

const char *parse_time(const char *text, double *seconds)
{
    if (strcasecmp(text, "unlimited") == 0 || strcasecmp(text, "infinite") == 0)
        *seconds = INFINITY;
    else if (parse_real(text, seconds) != NULL)
        *seconds = slurm_seconds(text);
    return *seconds > 0 ? NULL
                        : "a time: seconds, or M:SS, H:MM:SS, D-H, D-H:MM, D-H:MM:SS, UNLIMITED as in Slurm";
}

const char *parse_interval(const char *text, double *seconds, int64_t *periods)
{
    static const char what[] = "a time (seconds, M:SS, H:MM:SS, D-H:MM:SS, ...), or periods like 100p";
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
    return "a list of so few numbers";
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
        /* What begins like the name is an unfinished name; small letters are meant by capitals. */
        const bool is_it =
            (length >= 3 && strncmp(text, names[i], length) == 0) || strcasecmp(text, names[i]) == 0;
        const int distance = is_it ? 0 : edit_distance(text, names[i]);
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
