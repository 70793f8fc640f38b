"""Settings of all tests."""

from __future__ import annotations

import os
import signal
import sys

from hypothesis import HealthCheck, settings

# A mistake of ours is to be seen whole, not as the one line that users get.
os.environ["ERRLOG_TRACEBACK"] = "1"

# Each of the thousand programs that tests start would compile errlog anew: half of its time.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    sys.dont_write_bytecode = False

# Speed is measured in benchmarks; a busy machine is no reason for a test to fail, nor is a draw of
# examples of which many are filtered.
settings.register_profile(
    "errlog",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("errlog")

# Whoever starts the tests may have these ignored (nohup), and programs inherit that.
for _number in (signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
