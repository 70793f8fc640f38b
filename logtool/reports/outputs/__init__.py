"""Outputs: each takes a report and gives it in one form; `sections` has the tables of all forms."""
