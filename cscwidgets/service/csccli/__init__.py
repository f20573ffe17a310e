"""The CSC's command-line interface for product files."""
