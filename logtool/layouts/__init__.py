"""Layouts of logs: found in their first lines, in later ones, in those of one set."""
