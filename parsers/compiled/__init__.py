"""Loops compiled by wasmtime: their texts, their memory, and what is told to them."""
