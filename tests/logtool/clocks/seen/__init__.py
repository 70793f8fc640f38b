"""Tests of what is seen in logs."""
