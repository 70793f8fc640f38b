"""Tests of logtool.flags."""
