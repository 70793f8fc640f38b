"""Coverage-guided fuzzing of what reads texts from outside."""
