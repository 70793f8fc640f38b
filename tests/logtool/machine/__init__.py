"""Tests of what this machine gives."""
