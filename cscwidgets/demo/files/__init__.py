"""The simulated product files."""
