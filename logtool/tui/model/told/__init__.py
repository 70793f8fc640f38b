"""What the screen says: rows, bars, listings and details as texts with the names of styles."""
