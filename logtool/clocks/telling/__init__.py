"""Telling: takes solved clocks, gives what commands show, and what to change."""
