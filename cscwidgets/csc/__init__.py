"""What the Chandra Source Catalog is: its bands, columns, flags, products, file names and releases."""
