"""Tests of what is told of formats."""
