"""What is seen in the logs alone: processes, their lives and spans, the order of their lines."""
