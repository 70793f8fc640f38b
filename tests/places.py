"""Places: where tests find what is shipped, wherever they themselves stand."""

from __future__ import annotations

from pathlib import Path

#: The checkout.
ROOT = Path(__file__).parents[1]
SAMPLE_LOGS = ROOT / "sample_logs"
#: ErrorLogFormats of real configurations, one a line.
ERROR_LOG_FORMATS = ROOT / "tests" / "parsers" / "data" / "error_log_formats.txt"
