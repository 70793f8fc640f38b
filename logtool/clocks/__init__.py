"""Clocks: takes columns with local times, gives each line's offset, why, and how sure it is."""
