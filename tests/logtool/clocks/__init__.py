"""Tests of the clocks, and the simulator that examines them."""
