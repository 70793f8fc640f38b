"""Tests of the times."""
