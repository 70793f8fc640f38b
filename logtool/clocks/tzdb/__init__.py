"""The tz database: what it says of offsets, for arrays of times."""
