"""Tests of the detection of layouts."""
