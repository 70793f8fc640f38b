"""Benchmarks: errlog and its peers on the same large log, side by side in one run."""
