"""Severities of findings: a short list, for those who must not wait until rules are loaded."""

from __future__ import annotations

#: The worst first.
SEVERITIES = ("critical", "error", "warning", "notice")
