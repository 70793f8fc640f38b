"""Reports: take logs, give what an operator reads of them in the morning.

In reading order: `numbers` says what a report holds, `sums` and `counting` count it batch by batch,
`making` reads the logs, `news` keeps what was told before; then one module for each output: `text`,
`html` (with `svg`), `markdown`, `as_json`, `flat` (CSV and Parquet).
"""
