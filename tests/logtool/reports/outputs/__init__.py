"""Tests of logtool.reports.outputs."""
