"""Events: takes lines with instants, gives what people think in: exceptions, requests, connections."""
