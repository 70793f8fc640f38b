"""Tests of the doubt."""
