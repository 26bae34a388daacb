"""The endogenous grid method (Carroll 2006) for a household that saves under a Markov chain, with power utility:

    c^-γ = β Σ P(z, z') E[R' m' c'(R' a + y', z')^-γ],    x = a + c

for savings a on a given grid, which gives wealth x and consumption c without a search. m' is whatever else multiplies
marginal utility: 1, or (growth of permanent income)^(1-γ) where all is in units of it.
"""
import numpy as np


def savings_grid(n, highest, lowest=0.0):
    """n savings from lowest to highest, denser near lowest: equidistant in log(1 + log(1 + distance from lowest))."""
    return lowest + np.expm1(np.expm1(np.linspace(0, np.log1p(np.log1p(highest - lowest)), n)))


def solve(savings, beta, gamma, transition, returns, income, weight, factor=1.0, accuracy=1e-10, most=20000, is_bound=True,
          is_flat=False, start=None):  # fmt: skip
    """Iterate until no consumption on the grid changes by more than accuracy of itself.
    @param savings   [n] ascending; the first is the borrowing limit
    @param returns   [state, node] R' in the state that comes, at nodes of quadrature
    @param income    [state, node] y'
    @param weight    [node] of the nodes
    @param factor    [state, node] m'
    @param is_bound  whether there is wealth at which the limit binds; else consumption is a line from nothing, at the limit,
                     to what it is at the second saving
    @param is_flat   whether consumption beyond the last knot is what it is there; else it goes on linearly
    @param start     a solution of a similar household, on the same savings: None or what this has returned
    @return wealth [state, n + 1] and savings [state, n + 1] at the knots: below the second one the limit binds (where
            is_bound is not, the first two are the same)"""
    transition, returns, income, weight = map(np.asarray, (transition, returns, income, weight))
    states = len(transition)
    limit = savings[0]
    consumption = np.tile(savings - limit + 1e-3, (states, 1))  # to begin with, everything
    wealth = consumption + limit
    if start is not None:
        wealth, consumption = start[0][:, 1:], start[0][:, 1:] - start[1][:, 1:]
    coming = returns[:, None, :] * savings[None, :, None] + income[:, None, :]  # state, saving, node
    gain = weight * returns * factor
    for _ in range(most):
        marginal = np.empty((states, len(savings)))
        for z in range(states):
            c = consume(coming[z], np.r_[limit, wealth[z]], np.r_[0, consumption[z]], is_flat)
            marginal[z] = np.maximum(c, 1e-60) ** -gamma @ gain[z]  # c is 0 where income may be, and nothing was saved
        new = (beta * transition @ marginal) ** (-1 / gamma)
        if not is_bound:
            new[:, 0] = 0
        change = np.max(np.abs(new - consumption) / np.maximum(new, 1e-60))
        consumption, wealth = new, savings + new
        if change < accuracy:
            break
    else:
        raise RuntimeError(f"no solution after {most} iterations (changes of {change:.1e}): is the household patient beyond bounds?")
    knots = np.hstack([np.full((states, 1), limit), wealth])
    return knots, np.tile(np.r_[limit, savings], (states, 1))


def consume(wealth, knots, consumption, is_flat):
    """Consumption at any wealth: linear between knots, and beyond the last two, or there what it is at the last one."""
    if is_flat:
        return np.interp(wealth, knots, consumption)
    slope = (consumption[-1] - consumption[-2]) / (knots[-1] - knots[-2])
    return np.interp(wealth, knots, consumption) + slope * np.maximum(wealth - knots[-1], 0)
