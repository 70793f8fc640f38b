"""Tests of `logtool.following`."""
