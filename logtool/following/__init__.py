"""Following: takes logs that grow and pipes that flow, gives their lines in UTC as they come.

In reading order: `siblings` finds the files of a rotated set, `parts` reads what is appended to one
of them, `tails` to a log across rotation, `arrivals` tells the clock of a line by when it came,
`coming` puts lines in UTC, `merging` brings several logs in order; `streaming` does without arrival
times, and `cursors` remember where a run ended.
"""
