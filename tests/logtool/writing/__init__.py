"""Tests of the writing of stamps."""
