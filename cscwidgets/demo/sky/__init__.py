"""What shines on the simulated sky."""
