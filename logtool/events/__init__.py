"""Events: take rows of lines, give what a person calls one entry, one exception, one request.

In reading order: `kinds` says what each line is to a traceback, `folding` puts an `event` on every
line, `frames` and `fingerprints` name and group what happened, `requests` puts the lines of worker
and daemon together, `lives` tells starts, stops and crashes.
"""
