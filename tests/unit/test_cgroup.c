/* Limits of control groups, from made-up trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cgroup.h"

/* The tree of the case. */
static char root[64];

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/wealthsim-cgroup-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command); // NOLINT: the folder's name is ours
}

/* A file of the tree, with the folders on its way. */
static void put(const char *name, const char *content)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

#define GROUP "sys/fs/cgroup"

static void expect(int64_t memory, double cores)
{
    const struct cgroup_limits limits = cgroup_read(root);
    assert_int_equal(limits.memory, memory);
    assert_true(limits.cores == cores);
}

static void test_nothing(void **state)
{
    (void)state;
    expect(INT64_MAX, INFINITY);
    put("proc/self/cgroup", "0::/\nrubbish\n:\n3:memory\n");
    expect(INT64_MAX, INFINITY);
}

/* Slurm's: the job's group has the limit, the task's does not. */
static void test_limit_above_the_leaf(void **state)
{
    (void)state;
    put("proc/self/cgroup", "0::/system.slice/job_7/step_0/task_0\n");
    put(GROUP "/system.slice/job_7/step_0/task_0/memory.max", "max\n");
    put(GROUP "/system.slice/job_7/step_0/task_0/memory.current", "5000\n");
    put(GROUP "/system.slice/job_7/step_0/memory.max", "900000\n");
    put(GROUP "/system.slice/job_7/step_0/memory.current", "6000\n");
    put(GROUP "/system.slice/job_7/memory.max", "100000\n");
    put(GROUP "/system.slice/job_7/memory.current", "7000\n");
    put(GROUP "/system.slice/job_7/cpu.max", "250000 100000\n");
    put(GROUP "/system.slice/job_7/step_0/cpu.max", "max 100000\n");
    put(GROUP "/system.slice/cpu.max", "400000 100000\n");
    expect(93000, 2.5);

    /* A tighter one further up, which other jobs have used much of. */
    put(GROUP "/system.slice/memory.max", "1000000\n");
    put(GROUP "/system.slice/memory.current", "990000\n");
    expect(10000, 2.5);
    put(GROUP "/system.slice/memory.current", "1000001\n");
    expect(0, 2.5);
}

/* What was read from files and can be dropped is no use of memory. */
static void test_files_in_memory(void **state)
{
    (void)state;
    put("proc/self/cgroup", "0::/a\n");
    put(GROUP "/a/memory.max", "100000\n");
    put(GROUP "/a/memory.current", "99000\n");
    put(GROUP "/a/memory.stat", "anon 9000\nfile 90000\ninactive_file 80000\nactive_file 10000\n");
    expect(81000, INFINITY);
}

static void test_version_1(void **state)
{
    (void)state;
    put("proc/self/cgroup", "4:memory:/slurm/uid_1/job_7\n2:cpuacct,cpu:/slurm/job_7\n1:cpuset:/x\n");
    put(GROUP "/memory/slurm/uid_1/job_7/memory.limit_in_bytes", "9223372036854771712\n");
    put(GROUP "/memory/slurm/uid_1/job_7/memory.usage_in_bytes", "10\n");
    put(GROUP "/memory/slurm/uid_1/memory.limit_in_bytes", "5000\n");
    put(GROUP "/memory/slurm/uid_1/memory.usage_in_bytes", "2000\n");
    put(GROUP "/memory/slurm/uid_1/memory.stat", "inactive_file 1\ntotal_inactive_file 500\n");
    put(GROUP "/cpu/slurm/job_7/cpu.cfs_quota_us", "-1\n");
    put(GROUP "/cpu/slurm/job_7/cpu.cfs_period_us", "100000\n");
    put(GROUP "/cpu/slurm/cpu.cfs_quota_us", "150000\n");
    put(GROUP "/cpu/slurm/cpu.cfs_period_us", "100000\n");
    expect(3500, 1.5);

    /* Under the controllers' names together, where it is mounted so. */
    put(GROUP "/cpuacct,cpu/cpu.cfs_quota_us", "50000\n");
    put(GROUP "/cpuacct,cpu/cpu.cfs_period_us", "100000\n");
    expect(3500, 0.5);
}

/* Both versions: version 2 is then mounted beside, and may have no controller. */
static void test_both_versions(void **state)
{
    (void)state;
    put("proc/self/cgroup", "4:memory:/job\n0::/job\n");
    put(GROUP "/memory/job/memory.limit_in_bytes", "5000\n");
    put(GROUP "/memory/job/memory.usage_in_bytes", "1000\n");
    put(GROUP "/unified/job/cgroup.procs", "");
    put(GROUP "/job/memory.max", "1\n"); /* not a group of either */
    put(GROUP "/job/memory.current", "1\n");
    expect(4000, INFINITY);
}

/* A container's groups: the path is the host's, its files are the mounted root's own. */
static void test_container(void **state)
{
    (void)state;
    put("proc/self/cgroup", "0::/../../docker/abc\n");
    put(GROUP "/memory.max", "8000\n");
    put(GROUP "/memory.current", "1000\n");
    put(GROUP "/cpu.max", "50000 100000\n");
    put("docker/abc/memory.max", "1\n");
    put("docker/abc/memory.current", "1\n");
    expect(7000, 0.5);
    put("proc/self/cgroup", "0::/docker/abc\n");
    expect(7000, 0.5);
    put("proc/self/cgroup", "0::/\n");
    expect(7000, 0.5);
}

/* Who has the same quota has the same number, who has another has another. */
static void test_groups_of_quotas(void **state)
{
    (void)state;
    put(GROUP "/job/cpu.max", "200000 100000\n");
    put(GROUP "/other/cpu.max", "200000 100000\n");
    put("proc/self/cgroup", "0::/job/task_0\n");
    const uint64_t first = cgroup_read(root).cores_group;
    put("proc/self/cgroup", "0::/job/task_1\n");
    assert_true(cgroup_read(root).cores_group == first);
    put("proc/self/cgroup", "0::/other/task_1\n");
    assert_true(cgroup_read(root).cores_group != first);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)
    const struct CMUnitTest tests[] = {
        CASE(test_nothing),
        CASE(test_limit_above_the_leaf),
        CASE(test_files_in_memory),
        CASE(test_version_1),
        CASE(test_both_versions),
        CASE(test_container),
        CASE(test_groups_of_quotas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
