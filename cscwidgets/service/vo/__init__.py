"""The protocols and formats of the Virtual Observatory."""
