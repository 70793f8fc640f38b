"""What the TUI shows, without the TUI: nothing here knows Textual.

In reading order: `indexed` holds a few numbers for each line, `reading` fills it in the background
and reads the lines that are on screen, `chosen` has filters, searches and the view, one frozen
value that holds all that is shown, `found` puts lines together to events and requests, `told`
puts it into words, and `session` gives one view after the other.
"""
