"""Tests of what is told of clocks."""
