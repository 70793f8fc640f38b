"""Which rows are shown: filters and searches, and the view that holds what they chose."""
