"""Results leave the explorer here: notebook variables and files."""
