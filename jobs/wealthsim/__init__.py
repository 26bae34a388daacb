"""wealthsim from Python."""
