"""Tests of logtool.reports.meant."""
