"""Tests of the layouts of logs."""
