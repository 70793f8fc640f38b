"""Sources: takes paths, globs, directories and pipes, gives blocks of whole lines, twice the same.

In reading order: `paths` names the files in true order, `raw` reads their stored bytes,
`compression` undoes gzip and its kin, `reading` cuts what comes out into blocks, `source` is all of
that for one file or pipe.
"""
