"""Tests of logtool.events."""
