"""What processes say, as data; braces are filled by the world."""

from __future__ import annotations

#: A daemon's first words, of mod_wsgi up to 5 (key 4) and from 6 on; `{p}` is the pid, `{g}` the
#: group.
BIRTH: dict[int, tuple[str, ...]] = {
    4: (
        "mod_wsgi (pid={p}): Starting process '{g}' with uid=33, gid=33 and threads=5.",
        "mod_wsgi (pid={p}): Initializing Python.",
        "mod_wsgi (pid={p}): Attach interpreter ''.",
    ),
    6: (
        "Starting daemon process '{g}' with uid=33, gid=33 and threads=5.",
        "Initializing Python runtime in daemon process '{g}'.",
        "Attaching to Python main interpreter in daemon process '{g}'.",
    ),
}
EMBEDDED_BIRTH: dict[int, tuple[str, ...]] = {
    4: ("mod_wsgi (pid={p}): Initializing Python.", "mod_wsgi (pid={p}): Attach interpreter ''."),
    6: (
        "Initializing Python runtime in embedded mode.",
        "Attaching to Python main interpreter in embedded mode.",
    ),
}
CREATE = {
    4: "mod_wsgi (pid={p}): Create interpreter '{a}'.",
    6: "Creating sub-interpreter '{a}' {place}.",
}
LOAD = {
    4: (
        "mod_wsgi (pid={p}, process='{g}', application='{a}'): "
        "Loading Python script file '/srv/{s}/app.wsgi'."
    ),
    6: "Loading WSGI script '/srv/{s}/app.wsgi' into {into} {where}.",
}
RETIRE = {
    4: "mod_wsgi (pid={p}): Maximum requests reached, triggering immediate shutdown '{g}'.",
    6: "Maximum requests reached; triggering immediate shutdown of daemon process '{g}'.",
}
STOP: dict[int, tuple[str, ...]] = {
    4: (
        "mod_wsgi (pid={p}): Shutdown requested '{g}'.",
        "mod_wsgi (pid={p}): Stopping process '{g}'.",
        "mod_wsgi (pid={p}): Destroying interpreters.",
        "mod_wsgi (pid={p}): Cleanup interpreter ''.",
        "mod_wsgi (pid={p}): Terminating Python.",
        "mod_wsgi (pid={p}): Python has shutdown.",
        "mod_wsgi (pid={p}): Exiting process '{g}'.",
    ),
    6: (
        "Shutdown requested for daemon process '{g}'.",
        "Stopping process '{g}'.",
        "Destroying Python sub-interpreters in daemon process '{g}'.",
        "Terminating Python runtime in daemon process '{g}'.",
        "Python runtime has shut down in daemon process '{g}'.",
        "Exiting daemon process '{g}'.",
    ),
}
#: The parent's view of a daemon that ended by itself, and of one that it ends.
DIED: dict[int, tuple[str, ...]] = {
    4: (
        "mod_wsgi (pid={p}): Process '{g}' has died, deregister and restart it.",
        "mod_wsgi (pid={p}): Process '{g}' terminated normally, exit code 0",
        "mod_wsgi (pid={p}): Process '{g}' has been deregistered and will no longer be monitored.",
    ),
    6: ("Process '{g}' (pid={p}) has died; deregistering and restarting it.",),
}
ENDED: dict[int, tuple[str, ...]] = {
    4: (
        "mod_wsgi (pid={p}): Process '{g}' to be deregistered, "
        "as server is restarting or being shutdown.",
        "mod_wsgi (pid={p}): Process '{g}' has been deregistered and will no longer be monitored.",
    ),
    6: ("Deregistering daemon process '{g}' (pid={p}); server is restarting or shutting down.",),
}
#: A daemon that does not answer, in the child's words.
TIMEOUT = {
    4: "Timeout when reading response headers from daemon process '{g}': /srv/{g}/app.wsgi",
    6: "WSGI0145: Timeout when reading response headers from daemon process '{g}'.",
}

CONFIGURED = {
    True: "AH00489: Apache/2.4.62 (Debian) mod_wsgi/5.0.2 Python/3.11 configured -- "
    "resuming normal operations",
    False: "AH00163: Apache/2.4.62 (Debian) mod_wsgi/5.0.2 Python/3.11 configured -- "
    "resuming normal operations",
}
COMMAND_LINE = "AH00094: Command line: '/usr/sbin/apache2'"
CERTIFICATE = (
    "AH01909: www.example.com:443:0 server certificate does NOT include an ID "
    "which matches the server name"
)
#: (kind of restart, threaded): what the parent says first.
SIGNALS = {
    ("graceful", True): "AH00493: SIGUSR1 received.  Doing graceful restart",
    ("graceful", False): "AH00171: Graceful restart requested, doing restart",
    ("hard", True): "AH00494: SIGHUP received.  Attempting to restart",
    ("hard", False): "AH00173: SIGHUP received.  Attempting to restart",
    ("stop", True): "AH00491: caught SIGTERM, shutting down",
    ("stop", False): "AH00169: caught SIGTERM, shutting down",
}
STARTUP_WORDS = (
    "AH00558: apache2: Could not reliably determine the server's fully qualified domain name, "
    "using 127.0.1.1. Set the 'ServerName' directive globally to suppress this message"
)
SEGFAULT = "AH00052: child pid {p} exit signal Segmentation fault (11)"
ESTABLISHED = "AH01964: Connection to child {n} established (server www.example.com:443)"
CLOSED = (
    "AH01998: Connection closed to child {n} with abortive shutdown (server www.example.com:443)"
)

#: What a child says of a request that no application serves: level, module, status, text.
PLAIN: tuple[tuple[str, str, str, str], ...] = (
    ("error", "core", "", "AH00126: Invalid URI in request GET {path} HTTP/1.1"),
    ("info", "core", "", "AH00128: File does not exist: /var/www/html{path}"),
    ("error", "authz_core", "", "AH01630: client denied by server configuration: /var/www{path}"),
    (
        "error",
        "core",
        "(13)Permission denied",
        "AH00035: access to {path} denied (filesystem path '/srv/www') because search "
        "permissions are missing on a component of the path",
    ),
    ("warn", "proxy", "(111)Connection refused", "AH00957: HTTP: attempt to connect failed"),
)
AUTHORIZED = "AH01626: authorization result of Require all granted: granted"
SSL_READ = "AH01991: SSL input filter read failed."

#: What applications print.
REMARKS = (
    "GET {path} took 12 ms",
    "Not Found: {path}",
    "Forbidden (CSRF cookie not set.): {path}",
    "payment of 12.50 \\xe2\\x82\\xac accepted for order 4711",
    "cache miss for key sessions:{path}",
    "Bad Request: {path}",
    "",
)
TRACEBACK = (
    "Internal Server Error: {path}",
    "Traceback (most recent call last):",
    '  File "/srv/app/views.py", line 42, in show',
    "    return orders[number]",
    "           ~~~~~~^^^^^^^^",
    "KeyError: 4711",
)
RAW = (
    "*** glibc detected *** free(): invalid pointer: 0x00007f3c5c000b20 ***",
    "/srv/app/cgi/stats.pl: line 12: date: command not found",
    "Fatal Python error: Segmentation fault",
    "",
    '  File "<string>", line 1 in <module>',
    "libgomp: Thread creation failed: Resource temporarily unavailable",
)
PATHS = ("/", "/login/", "/orders/17", "/api/v1/items?page=2", "/favicon.ico", "/admin/", "/health")
REFERERS = ("", "", "", "https://www.example.com/", "https://www.example.com/orders/")
