/* Any words: the input's lines. */
#include "options.h"

enum { WORDS_MOST = 64, BYTES_MOST = 1 << 14 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start(argc, argv);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[BYTES_MOST + 1];
    char *words[WORDS_MOST + 2] = {"wealthsim"};
    int n = 1;
    if (size > BYTES_MOST)
        return -1;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *word, *rest = text; n <= WORDS_MOST && (word = strsep(&rest, "\n"));)
        words[n++] = word;
    read_options(n, words);
    return 0;
}
