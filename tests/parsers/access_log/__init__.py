"""Tests of the access log's parsers."""
