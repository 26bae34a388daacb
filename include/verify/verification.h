/** Whether this build, on these hosts, over this network, gives the right answers: a list of checks, each against what
 *  is known without it. In the manner of the NAS benchmarks there are classes of size, whose answers are published. */
#pragma once

#include "core/comm.h"
#include "models/kesten.h"
#include "population/population.h"
#include <stdbool.h>

enum verify_class { VERIFY_TINY, VERIFY_SMALL, VERIFY_LARGE, VERIFY_CLASSES };

/** "tiny", "small", "large". */
const char *verify_class_name(int class);

/** A class's population, of the lecture's parameters and seed 1, and the hash of its wealth that README.md publishes. */
struct verify_size {
    int64_t households, periods;
    uint64_t hash;
};

/** The lecture's parameters. */
extern const struct kesten_parameters verification_model;

/** What the checks share. */
struct verification {
    const struct comm *comm;
    struct verify_size size;
    int threads;
    struct population population; /**< the class's, after its periods, by this run's ranks and threads */
    struct timers timers;
    const char *
        broken; /**< name of the check that is to be broken on purpose, or NULL: for the tests of the checks */
    char said[256]; /**< by rank 0: what the check looked at, and what it found */
};

/** A check. Collective over comm->world.
 *  @return whether all is well, on each rank as far as it sees; false on any is a failure */
struct check {
    const char *name;
    bool (*holds)(struct verification *verification);
};

/** All checks, in their order; the population is there from the first on. @return how many there are */
int verification_checks(const struct check **checks);

/** Simulate the population. Collective. @return WS_OK, or WS_FAILED on all ranks; to be ended in both cases */
enum status verification_begin(
    struct verification *verification, enum verify_class class, int threads, const struct comm *comm);
void verification_end(struct verification *verification);

/** Whether this check is to be broken on purpose. */
bool verification_breaks(const struct verification *verification, const char *name);

/** Simulate a population of 30,011 households of another model. Collective over comm->world.
 *  @param[out] hash  of it @return WS_OK, or WS_FAILED on all ranks */
enum status verification_simulate(const struct comm *comm, const struct model *model, const void *parameters,
    int threads, int64_t periods, uint64_t *hash);

/** A file's name in the current folder that nobody else has, the same on all ranks. Collective.
 *  @param[out] name  [VERIFICATION_NAME] */
enum { VERIFICATION_NAME = 4096 };
void verification_name_file(const struct comm *comm, const char *suffix, char *name);

/** Bytes that a rank's population will take. */
int64_t verification_bytes(enum verify_class class, const struct comm *comm);
