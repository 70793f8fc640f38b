"""ErrorLogFormat directives: what stands in httpd.conf, and what people paste of it."""

from __future__ import annotations

import pytest

from parsers.error_log_format.directive import parse_directive, parse_directives, parse_words
from parsers.error_log_format.fields import FormatError


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ('ErrorLogFormat "%t \\"%M\\" \\\\ x"', "main", '%t "%M" \\ x'),
        ("errorlogformat '%t \"%M\"'", "main", '%t "%M"'),
        ('ErrorLogFormat Request "[%L]"', "request", "[%L]"),
        ('connection "%a"', "connection", "%a"),
        (r"[client\ %a] %M", "main", r"[client\ %a] %M"),
        ("  ErrorLogFormat   %M ", "main", "%M"),
        ('\tErrorLogFormat "[%t] \\\n   [%l] %M"\n', "main", "[%t]    [%l] %M"),
        ('# ErrorLogFormat "%M x"', "main", "%M x"),
        ('/etc/apache2/apache2.conf:12:    ErrorLogFormat "%M x"', "main", "%M x"),
        ('<VirtualHost *:80>\n  ServerName a\n  ErrorLogFormat "%M"\n</VirtualHost>', "main", "%M"),
        ('#ErrorLogFormat "%t %M"\nErrorLogFormat "%l %M"', "main", "%l %M"),
        ("#%t %M", "main", "#%t %M"),
        ("ERROR %P: %M", "main", "ERROR %P: %M"),
        ("%M\\", "main", "%M\\"),
    ],
)
def test_a_line_of_httpd_conf_is_unquoted_as_httpd_does(line: str, kind: str, text: str) -> None:
    """Keyword, quotes and the backslashes before quotes and backslashes go."""
    got = parse_directive(line)
    assert (got.kind, got.text) == (kind, text)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('ErrorLogFormat vhost "%M"', "ErrorLogFormat type must be one of request, connection"),
        ('ErrorLogFormat "%M" a b', "ErrorLogFormat takes 1-2 arguments"),
        ("ErrorLogFormat ", "ErrorLogFormat takes 1-2 arguments"),
        ("", "ErrorLogFormat takes 1-2 arguments"),
        (
            'ErrorLogFormatt "%M"',
            "Invalid command 'ErrorLogFormatt', perhaps misspelled or defined",
        ),
        ('ErrorLogFormat"[%t] %M"', "Invalid command 'ErrorLogFormat\"\\[%t\\]', perhaps"),
        ('LogFormat "%h %l" common', "LogFormat describes access logs"),
        ("ErrorLog /var/log/x", "ErrorLog says where the error log goes"),
        ('ErrorLogFormat ""', "ErrorLogFormat takes 1-2 arguments"),
        ('ErrorLogFormat request ""', "main ErrorLogFormat must contain message format string"),
    ],
)
def test_a_wrong_line_of_httpd_conf_is_refused(line: str, reason: str) -> None:
    """Its arguments are wrong, or an empty one makes the keyword the format (httpd 2.4.71)."""
    with pytest.raises(FormatError, match=reason):
        parse_directive(line)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("ErrorLogFormat [%t] %M", "put the format in quotes"),
        ("ErrorLogFormat [%t] [%l] %M", "put the format in quotes"),
        ("ErrorLogFormat \u201c[%t] %M\u201d", "typographic"),
        ("[%t] %h %M", "%h is an item of LogFormat, for access logs: the client is %a here."),
        ("[%t] %D %M", "%D is an item of LogFormat, for access logs."),
        ("[%t] %x %M", "The items are %a %A %e"),
        ("[%t] %{x} %M", "An item's letter must stand here"),
        ("[%{cu] %M", "This brace is never closed."),
        ("[%t] %M 100%", "An item ends with its letter"),
        ("[%t] %m", "%m is the module; the message is %M."),
        ("[%t] %+a %M", "Write %- for a hyphen in place of nothing."),
        ('ErorLogFormat "%M"', "ErrorLogFormat is meant?"),
    ],
)
def test_what_may_have_been_meant_is_told(line: str, hint: str) -> None:
    """A refusal comes with a hint where the mistake is a known one."""
    with pytest.raises(FormatError) as caught:
        parse_directive(line)
    assert hint in caught.value.hint
    assert caught.value.hint in str(caught.value)
    assert line.endswith(caught.value.text)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('ErorLogFormat "%M"', 'ErorLogFormat "%M"'),
        ("CustomLog logs/a common", "CustomLog logs/a common"),
        ("ErrorLogFormat [%t] [%l] %M", "%M"),
        ('ErrorLogFormat x "%M"', 'x "%M"'),
        ("[%t] %q %M", "q %M"),
    ],
)
def test_where_it_is_wrong_is_shown(line: str, place: str) -> None:
    """The caret stands beneath the word or letter that httpd refuses."""
    with pytest.raises(FormatError) as caught:
        parse_directive(line)
    assert caught.value.text[caught.value.at :] == place
    _, shown, caret, *_ = str(caught.value).splitlines()
    assert shown[caret.index("^") :] == place


def test_several_directives_are_several_formats() -> None:
    """Those of a whole section, in their order; nothing else in it is looked at."""
    formats = parse_directives(
        'ErrorLog /x\nErrorLogFormat "%M"\n# no\nerrorlogformat request "%L"\n'
    )
    assert [(f.kind, f.text) for f in formats] == [("main", "%M"), ("request", "%L")]
    with pytest.raises(FormatError, match="several"):
        parse_directive('ErrorLogFormat "%M"\nErrorLogFormat "%t %M"')


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["[%t] %M"], [("main", "[%t] %M")]),
        (["ErrorLogFormat", "[%t] %M"], [("main", "[%t] %M")]),
        (["ErrorLogFormat", "request", "[%L]"], [("request", "[%L]")]),
        (["connection", "%a"], [("connection", "%a")]),
        (['ErrorLogFormat "[%t] %M"'], [("main", "[%t] %M")]),
        (["%t %M", 'ErrorLogFormat request "%L"'], [("main", "%t %M"), ("request", "%L")]),
    ],
)
def test_words_of_a_shell_are_taken_as_they_come(
    words: list[str], expected: list[tuple[str, str]]
) -> None:
    """The directive may be one word, or the shell may have cut it at its quotes."""
    assert [(f.kind, f.text) for f in parse_words(words)] == expected
