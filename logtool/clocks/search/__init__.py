"""Search: takes spans and evidence, gives the offsets that ask least of belief."""
