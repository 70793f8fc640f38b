"""Tests of logtool.reports.counted."""
