"""Live tests: a real Apache on loopback, and the truth about every line it logs."""
