#include "core/process.h"
#include "core/hash.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

long long process_start(pid_t pid)
{
    char path[64], line[1024] = "", state = 'Z';
    long long start = -1;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    const char *after_name = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    /* the 3rd field is the state, the 22nd the start */
    if (!after_name ||
        sscanf(after_name + 1,
            " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %lld", &state,
            &start) != 2 ||
        state == 'Z')
        start = -1;
    if (file)
        fclose(file);
    return start;
}

uint32_t process_space(void)
{
    char boot[64] = "";
    struct stat numbers;
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    const bool is_told = file && fgets(boot, sizeof boot, file) && stat("/proc/self/ns/pid", &numbers) == 0;
    if (file)
        fclose(file);
    if (!is_told)
        return 0;
    const uint32_t space = (uint32_t)hash_bytes(boot, strlen(boot), (uint64_t)numbers.st_ino);
    return space != 0 ? space : 1;
}
