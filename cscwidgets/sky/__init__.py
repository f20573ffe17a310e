"""Places on the sky: regions, positions and names, and geometry on the sphere."""
