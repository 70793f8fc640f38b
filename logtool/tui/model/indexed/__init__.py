"""What is known of every row at once: a few numbers and a word for some."""
