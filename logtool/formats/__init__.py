"""Formats: what is told of an ErrorLogFormat, and of the layouts of a log."""
