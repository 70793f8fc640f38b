"""Clocks: takes columns with local times, gives a ClockTable: each line's offset, why, and how sure."""
