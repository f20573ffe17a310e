"""What a simulated Chandra records of it."""
