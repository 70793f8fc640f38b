"""Tests of logtool.frame."""
