"""Reports: take logs, give what an operator reads of them in the morning.

In reading order: `numbers` says what a report holds; `numbering` makes numbers of what the lines of
a block say (`distinct`), in child processes (`apart`, `reading`), `translating` gives them those of
all processes (`vocabulary`, `wordings`) as `facts`, `counting` sums them up block by block
(`tallies`, `stacks`, `raised`, `flagged`, `slowness`, `lives`), `finishing` and `flow` make the
report of it, `making` reads the logs as a `wish` says, `news` keeps what was told before.
`outputs` has one module for each form: `text`, `html` (with `svg`), `markdown`, `as_json`, `flat`
(CSV and Parquet).
"""
