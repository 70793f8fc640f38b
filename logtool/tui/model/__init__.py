"""What the TUI shows, without the TUI: nothing here knows Textual.

In reading order: `index` holds a few numbers for each line, `builder` fills it in the background,
`places` and `lines` read the lines that are on screen, `filters`, `matching` and `searching` choose
lines, `together` finds events of them, `view` holds it all as one frozen value, and `session` gives
one after the other.
"""
