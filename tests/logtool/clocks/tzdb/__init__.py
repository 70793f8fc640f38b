"""Tests of the zones."""
