"""Passes: both readings of logs, with all cores at work.

Clocks are known only at the end of a log, so it is read twice: once for its stamps, once to use
what they told.
"""
