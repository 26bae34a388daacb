/** The processes of a run: MPI's world and the ranks of each host. Made once in main, handed to all that needs it. */
#pragma once

#include <mpi.h>

struct comm {
    MPI_Comm world; /**< all ranks: a duplicate of MPI_COMM_WORLD, for wealthsim's own messages */
    MPI_Comm host;  /**< the ranks of this host, in the order of world */
    int rank, size;
    int host_rank, host_size;
    int n_hosts;    /**< hosts in the run, the same on all ranks */
    int host_index; /**< 0 … n_hosts - 1, in the order of their lowest ranks */
    char host_name[MPI_MAX_PROCESSOR_NAME];
};

/** Start MPI (threads funnelled: only the main thread calls it) and find out who is where. Collective. */
void comm_start(struct comm *comm, int *argc, char ***argv);

/** End MPI. Collective. With a status other than 0 each host's first rank comes back last, so that mpirun waits less.
 *  @return the exit status to leave main with, which is status. */
int comm_end(struct comm *comm, int status);

/** A comm of the first n ranks, 1 <= n <= comm->size. Collective over comm->world.
 *  @param[out] first  to be freed with comm_free; on the other ranks its size is 0 and there is nothing to free */
void comm_first(const struct comm *comm, int n, struct comm *first);
void comm_free(struct comm *comm);

/** A barrier at which those who wait sleep instead of keeping a core busy; they wake within a millisecond. Collective
 *  over comm->world. */
void comm_wait_asleep(const struct comm *comm);
