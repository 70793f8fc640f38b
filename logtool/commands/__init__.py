"""Commands: one module per word after `errlog`."""
