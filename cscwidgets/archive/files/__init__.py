"""Product files: which there are, how they come, and where they are kept."""
