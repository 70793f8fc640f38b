"""Tests of what is known of ErrorLogFormats."""
