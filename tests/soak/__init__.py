"""The four journeys for hours, under random faults, in kernels that share a cache: ``python -m tests.soak``."""
