"""CSC tables, as people have them, to an archive folder."""
