/** Where the Markov chain of a model file leads: its stationary law, over the states that households can come to. A state of
 *  newborns has nobody: who comes there is in a state of the initial sample at once. */
#pragma once

#include "models/tabulated_data.h"

/** Closed classes are sets of states that are not left any more, within which each state leads to each other. */
struct tabulated_stationary {
    double *probability; /**< [states], owned; all 0 unless there is one closed class */
    int64_t n_reached;   /**< states that households can come to */
    int64_t
        n_closed; /**< closed classes among them; with more than one, the start decides where households end */
    int64_t n_recurrent; /**< states in those */
    double
        change; /**< what a period would still change, as a sum over states; 0 where it was solved directly */
};

/** Find it, in one aggregate state: by elimination without subtractions for up to 1,000 states (Grassmann, Taksar, Heyman 1985,
 *  Oper. Res. 33), which is accurate to rounding; else by iterating, from all states alike, half a step at a time, so
 *  that a periodic chain does not keep it going, until nothing changes or enough time has passed.
 *  @param[in]  data  valid (tabulated_check)
 *  @param[out] law   tabulated_stationary_free, after a failure too
 *  @return WS_OK, or WS_FAILED (memory) */
enum status tabulated_stationary_find(
    const struct tabulated_data *data, int64_t aggregate, struct tabulated_stationary *law);
void tabulated_stationary_free(struct tabulated_stationary *law);

/** The mean of the income of those who come to a state in an aggregate state; may be infinite. */
double tabulated_mean_income(const struct tabulated_data *data, int64_t aggregate, int64_t state);
