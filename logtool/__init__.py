"""errlog: takes columns with local times, gives instants in UTC and what an operator makes of them."""

__version__ = "0.1.0"
