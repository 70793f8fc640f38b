"""Breaks the code in small ways, and counts what tests notice."""
