"""Screens: the only place that turns a key into a new view."""
