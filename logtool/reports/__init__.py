"""Reports: take logs, give what an operator reads of them in the morning.

In reading order: `numbers` says what a report holds. `said` makes numbers of what the lines of a
block say, in child processes (`apart`); `meant` tells what that means, in numbers that are the same
for all processes; `counted` sums it up block by block, in `tallies`; `finished` makes the numbers
of a report of it. `counter` has all that done for the logs of one host, `making` for all that a
`wish` names; a report covers a `period`. `outputs` has one module for each form: `text`, `html`
(with `svg`), `markdown`, `as_json`, `flat` (CSV and Parquet). `news` keeps what was told before.
"""
