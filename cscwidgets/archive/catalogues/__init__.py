"""Catalogues to match with: one interface, whatever they are behind."""
