"""Doubt: takes an answer, tells what it does not prove."""
