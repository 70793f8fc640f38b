"""Tests of what people read and write."""
