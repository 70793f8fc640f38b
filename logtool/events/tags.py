"""Tags: what httpd says of a connection and of the requests on it."""

from __future__ import annotations

#: mod_ssl's words at the start and the end of a connection (ssl_engine_io.c, mod_ssl.c).
OPENS = ("AH01964",)
CLOSES = ("AH01998", "AH01999", "AH02000", "AH02001")
#: The connection ends, or what was read on it did: no word of the request before.
ENDS = ("AH01991", "AH01992", *CLOSES)
#: A request begins: `Initial (No.1) HTTPS request received`, `Subsequent (No.2) …`.
REQUEST_BEGINS = ("AH02034",)
#: All that is said of a connection alone, its handshake too (ssl_engine_io.c, ssl_engine_kernel.c).
OF_CONNECTIONS = (
    *(*OPENS, *ENDS, "AH01996", "AH02006", "AH02007", "AH02008", "AH02009", "AH02010", "AH02011"),
    *("AH02037", "AH02038", "AH02039", "AH02040", "AH02041", "AH02042", "AH02043", "AH02044"),
    *("AH02275", "AH02276", "AH02645"),
)

#: What a worker says of a request that no daemon served: a file that is not there, one refused
#: before any handler, one handed to another server (core, authz_core, mod_proxy and its kin).
ELSEWHERE = (
    *("AH00035", "AH00036", "AH00037", "AH00124", "AH00127", "AH00128", "AH00132", "AH00529"),
    *("AH00898", "AH01071", "AH01114", "AH01276", "AH01617", "AH01618", "AH01630", "AH01797"),
    *("AH02811", "AH10244"),
)
#: Those that may come more than once for a request.
REPEATED = ("AH00124", "AH00132", "AH00898", "AH01071")
