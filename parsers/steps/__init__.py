"""Steps: what a layout is made of, and the ways to take many of them at once."""
