"""Tallies: how many lines there are of each of the keys that numbers are packed into."""
