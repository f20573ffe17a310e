"""The simulated catalogue: what the recorded counts are measured to be."""
