"""Widgets: draw what the model says, and tell as messages what the user does."""
