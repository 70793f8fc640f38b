"""Parsers: take bytes that Apache and its neighbours wrote, give columns; know nothing of UTC.

In reading order: `blocks` cuts bytes into whole lines; `error_log_format` and `layouts` know what
an ErrorLogFormat prints; `decode` reads columns from a block, and `lines` says what they are.
"""
