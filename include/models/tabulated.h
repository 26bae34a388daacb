/** The household of a model file (models/tabulated_data.h): in one period, a prime being its end,
 *
 *      a  = s(w, z)                                                       savings rule, linear between knots
 *      z' ~ P(z, .)                                                       by the inverse distribution function of u
 *      R  = R0(z') + share(w, z) (X0(z') + exp(μR(z') + σR(z') ζ))        gross return
 *      y  = y0(z') + exp(μy(z') + σy(z') ξ)                               income
 *      w' = R a + y                                                       within the bounds
 *      p' = p G(z') exp(h(z') ζ)                                          level, where the file has one
 *
 *  and a household that comes to a state of newborns is replaced by one of the initial sample, which what is left of u
 *  chooses. ζ, ξ are normals, u a uniform; each household takes all three in each period, used or not.
 *
 *  The exponentials' relative error is below 2e-14 + 1.5e-16 |exponent|; all else is rounded as double precision does. */
#pragma once

#include "models/model.h"
#include "models/tabulated_data.h"

/** Its row of the list of models. Arrays: wealth, state and, where the file has one, level. This one has the fewest;
 *  tabulated_model makes a file's own. */
extern const struct model model_tabulated;

struct tabulated_parameters {
    char file[4096];             /**< the model file, or "" for another model */
    double w0;                   /**< wealth at the start, where the file has no initial sample */
    bool is_w0_for_all;          /**< or where it has one, too */
    struct tabulated_data *data; /**< what the file says, once it is read; not owned */
    char digest[17];             /**< of it, in hexadecimal digits, or "" */
    struct model model;          /**< made of it, and perhaps of those of other scenarios */
};

/** The model of a file. Plain data. */
struct model tabulated_model(const struct tabulated_data *data);

/** Where a share v in [0, 1) of the cumulated weights of the file's initial sample lies: v N for a household's start by
 *  systematic resampling. @return the point, 0 … sample - 1; -1 where there is no sample */
int64_t tabulated_sample_point(const void *law, double v);
