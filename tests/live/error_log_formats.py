"""The manual's ErrorLogFormats, and some that people write."""

SIMPLE = "[%t] [%l] [pid %P] %F: %E: [client %a] %M"
THREADED = r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
LIKE_2_2 = r"[%t] [%l] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
ADVANCED = "[%{uc}t] [%-m:%-l] [R:%L] [C:%{C}L] %7F: %E: %M"
ADVANCED_REQUEST = (
    "[%{uc}t] [R:%L] Request %k on C:%{c}L pid:%P tid:%T",
    "[%{uc}t] [R:%L] UA:'%+{User-Agent}i'",
    "[%{uc}t] [R:%L] Referer:'%+{Referer}i'",
)
ADVANCED_CONNECTION = (r"[%{uc}t] [C:%{c}L] remote\ %a local\ %A",)
COMPACT = r"[%{cu}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
WITH_OFFSET = COMPACT.replace("{cu}", "{cuz}")
WITH_IDS = r"[%{u}t] [%-m:%l] [pid %P:tid %{g}T] [%-L] [%-{c}L] %E: [client\ %a] %M"
