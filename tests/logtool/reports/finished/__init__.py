"""Tests of logtool.reports.tallies."""
