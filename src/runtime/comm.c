#include "runtime/comm.h"
#include "runtime/error.h"

/* Hosts are numbered by a scan over the ranks that lead them. */
static void number_hosts(struct comm *comm)
{
    int leads = comm->host_rank == 0, index = 0;
    MPI_CHECK(MPI_Scan(&leads, &index, 1, MPI_INT, MPI_SUM, comm->world));
    MPI_CHECK(MPI_Allreduce(&leads, &comm->n_hosts, 1, MPI_INT, MPI_SUM, comm->world));
    comm->host_index = index - 1;
    MPI_CHECK(MPI_Bcast(&comm->host_index, 1, MPI_INT, 0, comm->host));
}

void comm_start(struct comm *comm, int *argc, char ***argv)
{
    int provided = MPI_THREAD_SINGLE, length = 0;
    MPI_CHECK(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided));
    ENSURE(provided >= MPI_THREAD_FUNNELED);
    MPI_CHECK(MPI_Comm_dup(MPI_COMM_WORLD, &comm->world));
    MPI_CHECK(MPI_Comm_set_errhandler(comm->world, MPI_ERRORS_RETURN));
    MPI_CHECK(MPI_Comm_rank(comm->world, &comm->rank));
    MPI_CHECK(MPI_Comm_size(comm->world, &comm->size));
    MPI_CHECK(MPI_Comm_split_type(comm->world, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &comm->host));
    MPI_CHECK(MPI_Comm_rank(comm->host, &comm->host_rank));
    MPI_CHECK(MPI_Comm_size(comm->host, &comm->host_size));
    MPI_CHECK(MPI_Get_processor_name(comm->host_name, &length));
    number_hosts(comm);
}

int comm_end(struct comm *comm, int status)
{
    if (!error_may_finalize(comm->world))
        MPI_Abort(comm->world, status);
    MPI_CHECK(MPI_Comm_free(&comm->host));
    MPI_CHECK(MPI_Comm_free(&comm->world));
    MPI_CHECK(MPI_Finalize());
    return status;
}
