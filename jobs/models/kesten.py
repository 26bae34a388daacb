#!/usr/bin/env python3
"""The lecture's household, which wealthsim has built in too, as a model file.

    w' = (1 + r) exp(v1 ζ) s w + exp(v2 ξ)
"""
from model_file import options, write_model, written  # first: finds a Python that has NumPy and h5py

import numpy as np

o = options(__doc__, r=(0.1, "net rate of return"), s=(0.3, "savings rate"), v1=(0.1, "volatility of the return"),
            v2=(1.0, "volatility of income"), w0=(5.0, "wealth at the start"))  # fmt: skip

write_model(
    o.file,
    title=f"Kesten process: r = {o.r}, s = {o.s}, v1 = {o.v1}, v2 = {o.v2}",
    transition=[[1.0]],
    policy_wealth=[[0.0, 1.0]],  # a line through the origin, which goes on beyond the knots
    policy_savings=[[0.0, o.s]],
    return_log_mean=np.log1p(o.r),
    return_log_sd=o.v1,
    income_log_sd=o.v2,
    initial_wealth=[o.w0],
)
written(o.file)
