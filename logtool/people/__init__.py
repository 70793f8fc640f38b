"""What people read and write: dates, names, texts that are safe to show."""
