/** What theory says of a model file's law. Far above the knots wealth follows w' = A w + ..., A = s_z R(z') with s_z the
 *  slope of the state's rule beyond its last knot; with M(κ) the matrix of P(z, z') E A(z, z')^κ, without the states of
 *  newborns, there is a stationary law where the logarithm of M's spectral radius ρ falls at 0, or is below 0 there, and its
 *  tail index is the κ > 0 with ρ(M(κ)) = 1: moments of lower order are finite.
 *
 *  Said of files without level and aggregate states, with extrapolation linear or flat, of rules whose outer slope and
 *  returns are not negative, and of chains in which every state that households reach leads back to all others, if it has to
 *  be by their death. Of the others nothing is known. The mean and the variance themselves are not computed.
 *
 *  Source: for one linear rule per state Kesten's condition with Markov multipliers, Roitershtein, "One-dimensional linear
 *  recursions with Markov-dependent coefficients", Annals of Applied Probability 17 (2007), with newborns Beare and Toda,
 *  "Determination of Pareto exponents in economic models driven by Markov multiplicative processes", Econometrica 90
 *  (2022); that rules which are linear beyond the last knot have the tail of their outer slope: Mirek, "Heavy tail phenomenon
 *  and convergence to stable laws for iterated Lipschitz maps", Probability Theory and Related Fields 151 (2011). */
#pragma once

#include "models/model.h"
#include "models/tabulated_data.h"

/** The index is found to 1e-9, relative. Not collective. Of chains of more than 2^18 entries, and of those that mix too slowly
 *  for a few seconds' work, nothing is known. @return all moments exist and all is NaN where nothing is known, also for want of memory */
struct theory tabulated_theory(const struct tabulated_data *data);
