"""Finished: takes what was counted, gives the numbers of a report."""
