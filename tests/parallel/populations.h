/* What tests do with populations, on any number of ranks. */
#pragma once

#include "core/comm.h"
#include "population/population.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SEED = 5 };

static struct comm comm;

/* This rank's part of so many households, still at the start. */
static void create(struct population *population, int64_t households, const struct model *model,
    const void *const *parameters, int n_scenarios, int threads)
{
    const struct decomposition part = decomposition_of(households, comm.rank, comm.size);
    assert_int_equal(population_create(population, part, model, parameters, n_scenarios, threads), WS_OK);
}

static void start(struct population *population)
{
    assert_int_equal(population_start(population, RNG_MLFG, SEED), WS_OK);
    population_begin(population);
}

static void advance(struct population *population, int64_t periods)
{
    struct timers timers;
    assert_int_equal(timers_create(&timers, population->threads), WS_OK);
    population_advance(population, periods, &timers);
    timers_destroy(&timers);
}
