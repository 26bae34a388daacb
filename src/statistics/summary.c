#include "statistics/summary.h"
#include "statistics/moments.h"
#include <stdlib.h>
#include <string.h>

enum status summary_compute(MPI_Comm comm, int threads, const double *wealth, int64_t n, int64_t n_global,
    const double *probability, int n_probability, struct summary *summary)
{
    *summary = (struct summary){.n = n_global, .n_quantiles = n_probability};
    const size_t bytes = (size_t)(1 + n_probability) * sizeof *summary->quantiles;
    struct quantile *quantiles = malloc(bytes);
    summary->quantiles = malloc(bytes);
    enum status status = error_agree(comm,
        quantiles && summary->quantiles ? WS_OK : error_memory(bytes, "the summary's quantiles"));
    if (status == WS_OK) {
        const struct moments moments = moments_compute(comm, threads, wealth, n);
        ENSURE(moments.n == n_global);
        summary->mean = moments.mean;
        summary->variance = moments.variance;
        summary->minimum = moments.minimum;
        summary->maximum = moments.maximum;

        quantiles[0].probability = 0.5;
        for (int i = 0; i < n_probability; i++)
            quantiles[1 + i].probability = probability[i];
        status = quantile_compute(comm, threads, wealth, n, n_global, quantiles, 1 + n_probability);
    }
    if (status == WS_OK) {
        summary->median = quantiles[0];
        memcpy(summary->quantiles, quantiles + 1, (size_t)n_probability * sizeof *quantiles);
    }
    free(quantiles);
    return status;
}

void summary_destroy(struct summary *summary)
{
    free(summary->quantiles);
    *summary = (struct summary){0};
}
