"""Said: takes the lines of a block, gives in numbers what they say; done in child processes."""
