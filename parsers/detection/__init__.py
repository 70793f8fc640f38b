"""Detection: takes lines, gives the layouts that may have printed them."""
