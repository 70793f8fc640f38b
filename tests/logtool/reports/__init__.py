"""Tests of logtool.reports."""
