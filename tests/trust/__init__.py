"""Attempts to break errlog: hostile logs, faults of the system, and what it must not do."""
