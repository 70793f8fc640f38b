"""Tests of logtool.reports.said."""
