"""Files, includes, conditions, variables and macros are followed as httpd follows them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.config_words import LONGEST_EXPANDED
from parsers.httpd_conf import (
    Config,
    ConfigError,
    daemon_groups,
    find_config,
    read_config,
    reading,
    servers,
)
from tests.parsers.httpd_conf.conftest import Write

#: Pieces of configurations, whole and broken.
FRAGMENTS = (
    b"<VirtualHost *>|</VirtualHost>|<IfDefine A>|</IfDefine>|Define A ${A}|Include .|Use m x|"
    b'<Macro m $a>|</Macro>|ServerRoot /|<IfVersion|<IfModule|<|</|<>|\\|ErrorLog "|'
    b"Define A ${A}${A}|WSGIDaemonProcess|WSGIScriptAlias a|"
    b"Include \0|<IfFile \0>|ErrorLog \0|CustomLog"
).split(b"|")


def listens(config: Config) -> list[str]:
    """The words of every Listen in force."""
    return [" ".join(directive.arguments) for directive in config.named("listen")]


def read(write: Write, text: str, **files: str) -> Config:
    """A configuration of one main file, and others beside it named by keyword."""
    names = {f"conf/{name}.conf": content for name, content in files.items()}
    return read_config(write({"conf/httpd.conf": text, **names}) / "conf/httpd.conf")


def test_debian(debian: Path) -> None:
    """Debian's tree: envvars, wildcards, modules and places."""
    config = read_config(debian / "etc/apache2", root=debian)
    assert config.mpm == "event"
    assert {"wsgi", "mpm_event"} <= config.modules
    (error_log, piped) = config.named("ErrorLog")
    assert error_log.arguments == ("/var/log/apache2/error.log",)
    assert str(error_log.place) == f"{debian}/etc/apache2/apache2.conf:3"
    assert str(piped.place) == f"{debian}/etc/apache2/sites-enabled/app.conf:4"
    assert listens(config) == ["80"]
    assert config.notes == []


def test_red_hat(red_hat: Path) -> None:
    """Red Hat's tree, copied elsewhere: ServerRoot tells which folder stands for `/`."""
    config = read_config(red_hat / "etc/httpd/conf/httpd.conf")
    assert config.root == red_hat
    assert config.mpm == "prefork"
    assert [Path(file).name for file in config.files] == ["httpd.conf", "00-mpm.conf", "ssl.conf"]
    assert config.notes == []


def test_find_config(debian: Path, tmp_path: Path) -> None:
    """The usual places are looked at below the root."""
    assert find_config(debian) == debian / "etc/apache2/apache2.conf"
    assert find_config(tmp_path / "empty") is None


def test_this_host() -> None:
    """The configuration of this host, if it has one, is read without a missing file."""
    path = find_config()
    if path is None:
        pytest.skip("no Apache configuration on this host")
    assert list(read_config(path).named("ErrorLog"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<IfDefine A>\nListen 1\n</IfDefine>\nListen 2", ["2"]),
        ("Define A\n<IfDefine A>\nListen 1\n</IfDefine>", ["1"]),
        ("Define A\nUnDefine A\n<IfDefine !A>\nListen 1\n</IfDefine>", ["1"]),
        ("<IfModule !mod_x.c>\nListen 1\n</IfModule>", ["1"]),
        ("LoadModule x_module m.so\n<IfModule mod_x.c>\nListen 1\n</IfModule>", ["1"]),
        ("<IfModule mod_x.c>\nListen 1\n</IfModule>\nLoadModule x_module m.so", []),
        ("<IfModule mpm_worker_module>\nListen 1\n</IfModule>", []),
        ("LoadModule mpm_event_module m\n<IfModule event.c>\nListen 1\n</IfModule>", ["1"]),
        ("<IfVersion >= 2.4>\nListen 1\n</IfVersion>", ["1"]),
        ("<IfVersion < 2.4>\nListen 1\n</IfVersion>\n<IfVersion !~ ^2.4>\nListen 2", []),
        ("<IfVersion ~ ^2.4>\nListen 1\n</IfVersion>\n<IfVersion ~ [(>\nListen 2", ["1"]),
        # a section that does not hold hides all in it, and sections of its own kind
        (
            "<IfDefine A>\n<IfDefine B>\n</IfDefine>\nListen 1\n<x y>\n</IfDefine>\nListen 2",
            ["2"],
        ),
        ("<IfModule !nope>\n<IfDefine !A>\nListen 1\n</IfDefine>\n</IfModule>", ["1"]),
    ],
)
def test_conditions(write: Write, text: str, expected: list[str]) -> None:
    """Conditions are decided where they stand."""
    assert listens(read(write, text)) == expected


def test_variables(write: Write) -> None:
    """A Define is seen by later lines and included files; an unknown one stays and is told."""
    config = read(
        write,
        "Define port 8080\nListen ${port}\nInclude conf/b.conf\nListen ${port}\nListen ${none}",
        b="Listen ${port}\nDefine port 9",
    )
    assert listens(config) == ["8080", "8080", "9", "${none}"]
    assert [str(note.place).rpartition("/")[2] for note in config.notes] == ["httpd.conf:5"]


def test_sections(write: Write) -> None:
    """A directive knows the sections round it, through includes too; conditions are left out."""
    config = read(
        write,
        "<VirtualHost *:80>\n<IfModule !x>\n<Directory '/a b'>\nInclude conf/b.conf\n"
        "</Directory>\n</IfModule>\n</VirtualHost>",
        b="Listen 1",
    )
    (listen,) = config.named("Listen")
    assert [(s.name, s.argument) for s in listen.sections] == [
        ("VirtualHost", "*:80"),
        ("Directory", "'/a b'"),
    ]


def test_includes(write: Write, tmp_path: Path) -> None:
    """Wildcards are sorted, folders are read whole, what is missing is told unless optional."""
    files = {f"conf/d/{name}": f"Listen {name}" for name in ("b", "a", "sub/c")}
    text = "Include conf/d\nInclude conf/d/[ab]\nIncludeOptional no/*\nInclude no/*\nInclude gone"
    config = read_config(write({"conf/httpd.conf": text, **files}) / "conf/httpd.conf")
    assert listens(config) == ["a", "b", "sub/c", "a", "b"]
    assert [note.place.line for note in config.notes] == [4, 5]
    assert "no file matches" in config.notes[0].text


def test_loops(write: Write, tmp_path: Path) -> None:
    """Includes that include each other, and links to a folder above, come to an end."""
    (tmp_path / "conf" / "d").mkdir(parents=True)
    (tmp_path / "conf" / "d" / "up").symlink_to(tmp_path / "conf" / "d")
    (tmp_path / "conf" / "d" / "self").symlink_to("self")
    config = read(write, "Listen 1\nInclude conf/b.conf\nInclude conf/d\n", b="Include conf/h*")
    assert listens(config) == ["1"]
    assert any("includes itself" in note.text for note in config.notes)


def test_what_is_no_file(write: Write, tmp_path: Path) -> None:
    """A pipe or an unreadable file is a note, never a wait or an exception."""
    root = write({"conf/httpd.conf": "Include conf/pipe\nListen 2"})
    os.mkfifo(root / "conf" / "pipe")
    config = read_config(root / "conf/httpd.conf")
    assert listens(config) == ["2"]
    assert "not a regular file" in config.notes[0].text


@pytest.mark.parametrize(
    "text", ["</VirtualHost>", "<VirtualHost a>\n</Directory>", "<Directory x>"]
)
def test_unbalanced_sections(write: Write, text: str) -> None:
    """A section that is not closed, or closed without being open, is told with its place."""
    config = read(write, f"Listen 1\n{text}")
    assert listens(config) == ["1"]
    assert config.notes
    assert all(note.place.line >= 2 for note in config.notes)


def test_macros(write: Write) -> None:
    """A macro's lines are read with its values; its directives stand where they are written."""
    config = read(
        write,
        "<Macro Site $name $name2>\n<VirtualHost *>\nListen $name $name2\n</VirtualHost>\n"
        "</Macro>\nUse Site a b\nUse site c d\nUse Site c\nUse Nope",
    )
    assert listens(config) == ["a b", "c d"]
    assert [d.place.line for d in config.named("Listen")] == [3, 3]
    assert [note.place.line for note in config.notes] == [8, 9]


def test_recursive_macro(write: Write) -> None:
    """A macro that uses itself comes to an end."""
    config = read(write, "<Macro A>\nListen 1\nUse A\n</Macro>\nUse A")
    assert any("Use A" in note.text for note in config.notes)


def test_macros_that_multiply(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Macros of which each uses the one before many times come to an end, with one note."""
    monkeypatch.setattr(reading, "_MOST_TEXT", 1 << 20)
    macros = "".join(
        f"<Macro m{k}>\n" + f"Use m{k - 1}\n" * 10 + "</Macro>\n" for k in range(1, 30)
    )
    config = read(write, f"<Macro m0>\nListen 1\n</Macro>\n{macros}Use m29")
    assert 1000 < len(listens(config)) < (1 << 20) / 64
    assert [note.text for note in config.notes] == [
        "the configuration is too long; the rest was not read"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Define A xxxxxxxx\n" + "Define A ${A}${A}\n" * 60,
        "<Macro m $a>\nUse n $a$a$a$a\n</Macro>\n<Macro n $a>\nDefine X $a$a$a\n</Macro>\n"
        f"Use m {'y' * 9000}",
    ],
)
def test_values_that_double(write: Write, text: str) -> None:
    """A value that grows with every line stops growing, and that is told."""
    config = read(write, text)
    longest = max(len(directive.raw) for directive in config.directives)
    assert 9000 <= longest <= LONGEST_EXPANDED + 100
    assert "too long" in config.notes[0].text


def test_the_kernels_files_are_not_read(write: Write) -> None:
    """A file that says it is empty is not waited for; reading /proc/kmsg might never end."""
    if not os.path.isfile("/proc/kmsg"):  # noqa: PTH113
        pytest.skip("no /proc here")
    assert listens(read(write, "Include /proc/kmsg\nListen 1")) == ["1"]


def test_a_folder_without_end(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in a folder counts as text, so that an Include of `/` comes to an end."""
    monkeypatch.setattr(reading, "_MOST_TEXT", 64 * 50)
    root = write({"conf/httpd.conf": "Include conf/d", **{f"conf/d/{n}": "" for n in range(100)}})
    assert len(read_config(root / "conf/httpd.conf").files) <= 51


def test_sections_in_sections_without_end(write: Write) -> None:
    """Sections that are never closed do not pile up."""
    config = read(write, "<a>\nb\n" * 1000)
    assert len(config.directives) == 1000
    assert max(len(directive.sections) for directive in config.directives) < 100


def test_nothing_there(tmp_path: Path) -> None:
    """No configuration is an error of its own."""
    with pytest.raises(ConfigError, match="no Apache configuration"):
        read_config(tmp_path)
    log = tmp_path / "error.log"
    log.write_text("[Fri Jun 05 09:07:53.123456 2026] [core:notice] [pid 7] AH00094\n")
    with pytest.raises(ConfigError, match=r"no Apache configuration here: no line begins as a"):
        read_config(log)


@given(
    st.lists(
        st.one_of(
            st.binary(),
            st.sampled_from(FRAGMENTS),
        )
    )
)
def test_any_bytes(lines: list[bytes]) -> None:
    """Whatever stands in a file, reading it ends, with notes; or it is no configuration."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "httpd.conf"
        path.write_bytes(b"\n".join(lines))
        # `ServerRoot /` with `Include .` would read the whole machine.
        with suppress(ConfigError):
            config = read_config(path, root=Path(folder))
            servers(config)
            daemon_groups(config)
            assert str(path) in config.files
