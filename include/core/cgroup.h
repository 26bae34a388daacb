/** What this process's control groups allow it: memory and the processors' time, as batch systems and containers limit
 *  them. A limit holds for all groups below it: the least on the way from a process's group to the root counts. */
#pragma once

#include <stdint.h>

struct cgroup_limits {
    int64_t
        memory; /**< bytes that are still allowed, INT64_MAX where there is no limit; what the kernel can drop of the
                         files that were read counts as free */
    double cores;         /**< cores' worth of time, +inf where there is no quota */
    uint64_t cores_group; /**< number of the group that has this quota: its other processes share it */
};

/** Read them, of version 2 and 1 and of both beside each other. What cannot be read is no limit. Not collective.
 *  @param[in] root  the folder that has proc and sys/fs/cgroup: "" but in tests */
struct cgroup_limits cgroup_read(const char *root);
