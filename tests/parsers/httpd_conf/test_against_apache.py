"""The reader gives the directives that a real Apache gives of the same files (mod_info's dump)."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from parsers.httpd_conf import find_config, read_config, servers
from tests.parsers.httpd_conf.conftest import Write

PROGRAM = shutil.which("apache2") or shutil.which("httpd")
MODULES = next(
    (
        folder
        for folder in map(Path, ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules"))
        if (folder / "mod_info.so").is_file()
    ),
    None,
)
pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not (PROGRAM and MODULES), reason="no Apache with mod_info on this host"),
]

#: Obeyed while reading: the dump does not show them.
OBEYED = (
    *("loadmodule", "define", "undefine", "include", "includeoptional", "use", "undefmacro"),
    *("serverroot", "defaultruntimedir"),
)
TRICKY = r"""
ServerRoot {root}
PidFile pid
DefaultRuntimeDir .
Listen 127.0.0.1:1
ServerName localhost
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule macro_module {modules}/mod_macro.so
LoadModule env_module {modules}/mod_env.so
# a comment that goes on \
ErrorLog never
Define where lo
ErrorLog "${{where}}g"
ErrorLogFormat "[%t] #%L \"q\" \\ x\
  [client\ %a] %M"
<IfVersion >= 2.4>
LogLevel info \
   core:debug
</IfVersion>
<IfVersion < 2.4>
LogLevel crit
</IfVersion>
<IfModule !mod_nope.c>
<IfDefine !NOPE>
IncludeOptional conf.d/*.conf
</IfDefine>
</IfModule>
<IfModule {mpm}.c>
SetEnv MPM 1
</IfModule>
<IfDefine where>
  SetEnv DEFINED '${{where}} \' x'
</IfDefine>
<Macro Host $n $nn>
<VirtualHost *:$nn>
ServerName $n.example
CustomLog $n "%h $nn"
</VirtualHost>
</Macro>
Use Host a 81
use host b 82
<IfFile conf.d/a.conf>
SetEnv FILE 1
</IfFile>
Include more
"""


def tell(path: Path, *options: str) -> str:
    """What Apache prints of a configuration."""
    assert PROGRAM
    done = subprocess.run(
        [PROGRAM, "-f", str(path), "-t", *options],
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            **{
                name: variable.value
                for name, variable in read_config(path).environment.items()
                if variable.value is not None
            },
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def dumped(path: Path) -> list[str]:
    """The directives that Apache has of a configuration, white space made even."""
    load = f"LoadModule info_module {MODULES}/mod_info.so"
    lines = (line.strip() for line in tell(path, "-C", load, "-D", "DUMP_CONFIG").split("\n"))
    return [even(line) for line in lines if line and not line.startswith(("#", "<"))]


def even(line: str) -> str:
    """A directive with its name in small letters and single blanks."""
    name, _, rest = line.partition(" ")
    return " ".join([name.lower(), *rest.split()])


def ours(path: Path) -> list[str]:
    """The directives that our reader has of it, in the same spelling."""
    directives = read_config(path).directives
    return [even(f"{d.name} {d.raw}") for d in directives if d.name.lower() not in OBEYED]


def assert_same_files_and_hosts(path: Path) -> None:
    """The files that Apache includes, in its order, and its virtual hosts with their names."""
    config = read_config(path)
    told = tell(path, "-D", "DUMP_INCLUDES")
    assert config.files == re.findall(r"^ +\(\S+\) (.*)$", told, re.MULTILINE)
    hosts = re.findall(r"(\S+) \((macro |/).*:(\d+)\)$", tell(path, "-D", "DUMP_VHOSTS"), re.M)
    ours = {server.name: server.place for server in servers(config)[1:]}
    # Apache makes up a name for a host without one, and counts lines within a macro.
    named = {name for name in ours if not name.startswith("*")}
    assert {name for name, _, _ in hosts} >= named
    for name, place, line in hosts:
        if name in named and place == "/":
            assert str(ours[name]).endswith(f":{line}")


def test_tricky_tree(write: Write) -> None:
    """Continuation, quoting, conditions, variables, macros and includes agree with Apache's."""
    assert MODULES
    root = write(
        {
            "conf.d/a.conf": 'SetEnv A "${where} ${NOPE}"\n',
            "conf.d/b.conf": "SetEnv B 'it s'",
            "conf.d/.hidden.conf": "SetEnv HIDDEN 1\n",
            "more/z": "SetEnv Z 1\n",
            "more/sub/.y": "SetEnv Y \\\n1\n",
        }
    )
    loaded, mpm = "", "prefork"
    if (MODULES / "mod_mpm_event.so").is_file():
        loaded, mpm = f"LoadModule mpm_event_module {MODULES}/mod_mpm_event.so\n", "event"
    path = root / "tricky.conf"
    path.write_text(loaded + TRICKY.format(root=root, modules=MODULES, mpm=mpm))
    assert ours(path) == dumped(path)
    assert_same_files_and_hosts(path)


def test_this_host() -> None:
    """This host's own configuration is read as its Apache reads it."""
    path = find_config()
    if path is None:
        pytest.skip("no Apache configuration on this host")
    assert ours(path) == dumped(path)
    assert_same_files_and_hosts(path)
