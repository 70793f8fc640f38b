"""What this machine gives to run on: processes, memory, signals."""
