"""Measurements beside named peers; ``make bench`` prints them all."""
