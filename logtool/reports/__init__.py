"""Reports: takes events and findings, gives numbers and then one rendering per module."""
