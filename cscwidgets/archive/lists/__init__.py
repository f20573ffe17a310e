"""Lists of positions and names: read from whatever holds them, asked for in few questions, answered row by row."""
