"""What mod_wsgi puts before a message, its own or Python's, as regular expressions.

They know mod_wsgi 1.0 to 5.0.2 (`mod_wsgi (pid=…): `) and 6.x (`WSGInnnn: `, `[script …] `).
"""

from __future__ import annotations

#: Before the text of a request; also before or behind a code.
SCRIPT = r"\[script [^\]]*\] "
#: A code behind that, where it is not read as the line's tag; the code is the only capture.
SCRIPTED_CODE = rf"{SCRIPT}(WSGI\d{{4}}): "
#: All of it, or nothing: matches before every message.
PREFIX = rf"(?:{SCRIPT})?(?:WSGI\d{{4}}: (?:{SCRIPT})?|mod_wsgi(?: \(pid=\d+[^)]*\))?: )?"
