#include "simulation/recording.h"

int64_t recording_count(const struct recording *recording)
{
    const int64_t periods = recording->periods, every = recording->every;
    return every == 0 ? 1 : periods / every + 1 + (periods % every > 0);
}

bool recording_due(const struct recording *recording, int64_t period)
{
    return period == recording->periods || (recording->every > 0 && period % recording->every == 0);
}

int64_t recording_next(const struct recording *recording, int64_t period)
{
    const int64_t left = recording->periods - period, every = recording->every;
    const int64_t to_next = every == 0 ? left : every - period % every;
    return to_next < left ? to_next : left;
}
