"""What lines are together: events, exceptions, problems and requests, found in the background."""
