"""Meant: takes what lines say in the numbers of a process, gives what it means, in those of all."""
