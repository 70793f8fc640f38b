"""Counted: takes what is meant, block by block, gives how often; many lines may be one event."""
