"""How data from outside enter: checked, bounded, and with one clear error. Every door of the package uses these."""
