"""Writing: what takes lines and instants, and gives the bytes with new stamps."""
