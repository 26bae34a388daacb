/** Numbers and nouns as sentences have them. Not collective; no state. */
#pragma once

#include <stdint.h>

enum { WORDS_COUNT = 32 };

/** A count with its thousands apart: "50,000". @param[out] text  [WORDS_COUNT] @return text */
const char *words_count(int64_t count, char *text);

/** What a noun has behind it: "" for one, else "s". */
const char *words_plural(int64_t count);
