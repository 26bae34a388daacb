"""Pictures of wealthsim's results; jobs/plot.py draws them from a shell."""
