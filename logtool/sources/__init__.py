"""Sources: takes paths, globs, directories and pipes, gives blocks of whole lines."""
