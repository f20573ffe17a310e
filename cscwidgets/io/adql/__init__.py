"""ADQL as people write it: read, bounded, and its names found among those there are."""
