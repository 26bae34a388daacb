/* Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/. A line of /proc/self/cgroup is NUMBER:CONTROLLERS:PATH;
 * version 2 has the number 0 and no controllers. Within a container the path may be one that is not visible there: then
 * there are the mounted root's own files. */
#include "core/cgroup.h"
#include "core/hash.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096, LINE_BYTES = 4096 };

/* A file's first line, or "". */
static void first_line(const char *folder, const char *name, char *line, size_t bytes)
{
    char path[PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, (int)bytes, file))
        line[0] = '\0';
    if (file)
        fclose(file);
}

/* The number that a file begins with; -1 where there is none, or "max". */
static int64_t number_in(const char *folder, const char *name)
{
    char line[64];
    int64_t value = -1;
    first_line(folder, name, line, sizeof line);
    return sscanf(line, "%" SCNd64, &value) == 1 ? value : -1;
}

/* A line of memory.stat; 0 where it is not there. */
static int64_t statistic_in(const char *folder, const char *name)
{
    char path[PATH_BYTES + 64], line[128], found[64];
    int64_t value = 0, of_line = 0;
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "%63s %" SCNd64, found, &of_line) == 2 && strcmp(found, name) == 0)
            value = of_line;
    if (file)
        fclose(file);
    return value;
}

/* The files of a version. */
struct memory_files {
    const char *limit, *used, *can_drop;
};
static const struct memory_files memory_files[] = {
    {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"},
    {"memory.max", "memory.current", "inactive_file"}};

/* Version 1 says that there is no limit by a number near the largest. */
static const int64_t no_limit = INT64_C(1) << 60;

static void take_memory(const char *folder, bool is_2, struct cgroup_limits *limits)
{
    const struct memory_files *files = &memory_files[is_2];
    const int64_t most = number_in(folder, files->limit), used = number_in(folder, files->used);
    if (most < 0 || most > no_limit || used < 0)
        return;
    const int64_t kept = used - statistic_in(folder, files->can_drop);
    const int64_t left = most - (kept > 0 ? kept : 0);
    if (left < limits->memory)
        limits->memory = left > 0 ? left : 0;
}

static void take_cores(const char *folder, bool is_2, struct cgroup_limits *limits)
{
    int64_t quota = -1, period = -1;
    char line[128];
    if (is_2) {
        first_line(folder, "cpu.max", line, sizeof line);
        if (sscanf(line, "%" SCNd64 " %" SCNd64, &quota, &period) != 2) /* "max 100000" */
            return;
    } else {
        quota = number_in(folder, "cpu.cfs_quota_us");
        period = number_in(folder, "cpu.cfs_period_us");
    }
    if (quota <= 0 || period <= 0 || (double)quota / (double)period >= limits->cores)
        return;
    limits->cores = (double)quota / (double)period;
    limits->cores_group = hash_bytes(folder, strlen(folder), 0);
}

/* A group's folder under base, and those on the way up to base itself. */
static void climb(const char *base, const char *path, bool is_2, bool has_memory, bool has_cores,
    struct cgroup_limits *limits)
{
    char folder[PATH_BYTES];
    const size_t n_base = strlen(base);
    const bool is_hidden = strstr(path, "/..") != NULL; /* outside of the container's own groups */
    if ((size_t)snprintf(folder, sizeof folder, "%s%s", base, is_hidden ? "" : path) >= sizeof folder)
        return;
    for (;;) {
        size_t length = strlen(folder);
        while (length > n_base && folder[length - 1] == '/')
            folder[--length] = '\0';
        if (has_memory)
            take_memory(folder, is_2, limits);
        if (has_cores)
            take_cores(folder, is_2, limits);
        if (length <= n_base)
            return;
        *strrchr(folder, '/') = '\0';
    }
}

static bool has_controller(const char *list, const char *name)
{
    const size_t n = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, n) == 0 && (at[n] == '\0' || at[n] == ','))
            return true;
    return false;
}

/* Where a hierarchy is mounted: version 2 alone, or beside version 1; version 1 under its controllers' names. */
static void find_base(const char *root, const char *controllers, char *base, size_t bytes)
{
    struct stat found;
    snprintf(base, bytes, "%s/sys/fs/cgroup/%s", root, controllers[0] ? controllers : "unified");
    if (stat(base, &found) == 0)
        return;
    const char *other = controllers[0] == '\0'                  ? ""
                        : has_controller(controllers, "memory") ? "/memory"
                                                                : "/cpu";
    snprintf(base, bytes, "%s/sys/fs/cgroup%s", root, other);
}

struct cgroup_limits cgroup_read(const char *root)
{
    struct cgroup_limits limits = {.memory = INT64_MAX, .cores = INFINITY};
    char path[PATH_BYTES], line[LINE_BYTES], base[PATH_BYTES];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        controllers++;
        const bool is_2 = controllers[0] == '\0';
        const bool has_memory = is_2 || has_controller(controllers, "memory");
        const bool has_cores = is_2 || has_controller(controllers, "cpu");
        if (!has_memory && !has_cores)
            continue;
        find_base(root, controllers, base, sizeof base);
        climb(base, group, is_2, has_memory, has_cores, &limits);
    }
    if (file)
        fclose(file);
    return limits;
}
