#include "population/decomposition.h"
#include "models/model.h"

static int64_t blocks_of(int64_t n_global)
{
    return (n_global - 1) / BLOCK_SIZE + 1;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

struct share share_of(int64_t n_global, int rank, int size)
{
    const int64_t least_share = n_global / size, remainder = n_global % size;
    return (struct share){
        .first = least_share * rank + least(rank, remainder), .n = least_share + (rank < remainder)};
}

struct decomposition decomposition_of(int64_t n_global, int rank, int size)
{
    const int64_t n_blocks = blocks_of(n_global);
    const struct share blocks = share_of(n_blocks, rank, size);
    const int64_t first = least(blocks.first * BLOCK_SIZE, n_global);
    const int64_t end = least((blocks.first + blocks.n) * BLOCK_SIZE, n_global);
    return (struct decomposition){.n_global = n_global,
        .n_blocks_global = n_blocks,
        .first_block = blocks.first,
        .n_blocks_local = blocks.n,
        .first_household = first,
        .n_local = end - first};
}

int decomposition_owner(int64_t n_global, int size, int64_t household)
{
    const int64_t n_blocks = blocks_of(n_global), share = n_blocks / size, remainder = n_blocks % size;
    const int64_t block = household / BLOCK_SIZE, of_first = remainder * (share + 1);
    return (int)(block < of_first ? block / (share + 1) : remainder + (block - of_first) / share);
}
