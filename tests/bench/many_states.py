#!/usr/bin/env python3
"""A model file with a chain of 64 states, each with a policy of 500 knots of its own, which the first-level cache does not
hold. Savings are made up: about what a household with an uncertain income saves."""
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "jobs" / "models"))
from markov import tauchen  # noqa: E402
from model_file import write_model  # noqa: E402

STATES, KNOTS = 64, 500

deviation, transition = tauchen(STATES, 0.9, 0.2)
grid = np.expm1(np.linspace(0, np.log1p(1e4), KNOTS))
wealth = grid + np.linspace(0, 0.5, STATES)[:, None]
consumption = np.minimum(0.9 * np.sqrt(1 + wealth) * np.exp(0.2 * deviation)[:, None], wealth)
write_model(
    sys.argv[1],
    transition=transition,
    policy_wealth=wealth,
    policy_savings=0.97 * (wealth - consumption),
    return_log_mean=0.0,
    return_log_sd=0.1,
    income_log_mean=deviation,
    income_log_sd=0.2,
    initial_wealth=[5.0],
    initial_state=[STATES // 2],
    lower_bound=0.0,
)
