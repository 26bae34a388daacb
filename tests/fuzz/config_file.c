/* An INI file of any content. */
#include "options.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start(argc, argv);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[] = {"wealthsim", "--config", input_path, NULL};
    target_write(data, size);
    read_options(3, words);
    return 0;
}
