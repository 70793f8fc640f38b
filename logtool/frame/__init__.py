"""Frame: takes logs and their clocks, gives their lines as polars frames.

In reading order: `columns` says what a row is, `lines` tells what was read of the lines of a block,
`texts` makes polars strings of places in a block, `framing` builds its frame, `reading` streams
those of whole logs.
"""
