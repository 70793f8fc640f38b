"""Flags: takes events and rules (data), gives findings: known problems with cause and cure."""
