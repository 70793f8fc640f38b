"""What stands beside an error log is found and read, in bounded memory."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from logtool.clocks.evidence import access_sampling, neighbours
from logtool.clocks.evidence.access_facts import AccessFacts
from logtool.clocks.evidence.access_sampling import sample_file, sample_stream
from logtool.clocks.evidence.neighbours import blocks_of, find_access_logs, find_neighbours
from logtool.clocks.tzdb.zones import load_zone
from logtool.errors import ReadError
from logtool.program import run
from parsers.access_log import LogFormat
from parsers.blocks import cut_blocks
from tests import places

#: Berlin leaves summer time at this instant.
FALL_BACK = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp())
AUDIT = (
    "type=AVC msg=audit(1780648956.123:{serial}): avc:  denied  {{ map }} for  pid={serial} "
    'comm="{comm}" path="/srv/x.so" tclass=file\n'
)


def access_line(epoch_s: int, offset_s: int, status: int = 200, host: str = "10.0.0.9") -> str:
    """A line of the combined format."""
    sign, minutes = ("-" if offset_s < 0 else "+"), abs(offset_s) // 60
    stamp = datetime.fromtimestamp(epoch_s + offset_s, UTC).strftime("%d/%b/%Y:%H:%M:%S")
    zone = f"{sign}{minutes // 60:02d}{minutes % 60:02d}"
    return f'{host} - - [{stamp} {zone}] "GET / HTTP/1.1" {status} 12 "-" "curl/8"\n'


def berlin(epoch_s: int) -> int:
    """Seconds east of UTC in Berlin round FALL_BACK."""
    return 7200 if epoch_s < FALL_BACK else 3600


def berlin_log(path: Path, lines: int, step_s: int = 60, after: float = 0.4) -> Path:
    """An access log of a server in Berlin that sees summer time end after a share of its lines."""
    start = FALL_BACK - int(lines * after) * step_s
    moments = range(start, start + lines * step_s, step_s)
    path.write_text("".join(access_line(moment, berlin(moment)) for moment in moments))
    return path


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes pieces so small that files of a test are long."""
    sizes = {"_BLOCK": 4096, "_BLOCKS": 5, "_PROBE": 1024, "_GLANCE": 512}
    for name, value in (sizes | {"_STREAMED_WHOLE": 3}).items():
        monkeypatch.setattr(access_sampling, name, value)


def changes(facts: AccessFacts) -> list[int]:
    """Where the server's offset changes, seconds UTC."""
    rules = facts.rules()
    assert rules is not None
    return [int(change) // 1_000_000 for change in rules.changes_us]


def lines_of(facts: AccessFacts, log: bytes) -> list[int]:
    """The numbers of the lines that were kept of a log."""
    return [log.count(b"\n", 0, place) + 1 for place in facts.rows.place.tolist()]


def test_whole_log(tmp_path: Path) -> None:
    """A log that fits is read whole: every row with its place, host and status."""
    path = berlin_log(tmp_path / "access.log", 1000)
    facts = sample_file(path)
    assert facts is not None
    assert (facts.lines, len(facts.rows)) == (1000, 1000)
    assert lines_of(facts, path.read_bytes()) == list(range(1, 1001))
    assert set(facts.rows.host.tolist()) == {b"10.0.0.9"}
    assert np.all(np.diff(facts.rows.epoch_us) == 60_000_000)
    assert [span.offset_s for span in facts.offset_spans()] == [7200, 3600]
    assert changes(facts) == [FALL_BACK]


def test_change_in_a_silent_night(tmp_path: Path) -> None:
    """The change between two requests hours apart is put where a zone makes it."""
    path = tmp_path / "access.log"
    moments = (FALL_BACK - 9000, FALL_BACK + 30_000)
    path.write_text("".join(access_line(moment, berlin(moment)) for moment in moments))
    facts = sample_file(path)
    assert facts is not None
    assert changes(facts) == [FALL_BACK]


def test_rules_are_the_zones(tmp_path: Path) -> None:
    """The offsets read from a log are those its server's zone has."""
    facts = sample_file(berlin_log(tmp_path / "access.log", 2000, step_s=3600))
    rules = facts.rules() if facts else None
    assert facts is not None
    assert rules is not None
    zone = load_zone("Europe/Berlin")
    moments = [datetime.fromtimestamp(us / 1e6, zone) for us in facts.rows.epoch_us.tolist()]
    told = [int((moment.utcoffset() or timedelta()).total_seconds()) for moment in moments]
    assert rules.at_utc(facts.rows.epoch_us).tolist() == told


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("after", [0.03, 0.37, 0.5, 0.93])
def test_long_log(tmp_path: Path, after: float) -> None:
    """Of a long log pieces are read, and a change between them is found to the line."""
    path = berlin_log(tmp_path / "access.log", 3000, after=after)
    facts = sample_file(path, whole_size=0)
    assert facts is not None
    assert facts.lines < 1500
    assert changes(facts) == [FALL_BACK]
    before, behind = facts.offset_spans()
    assert behind.first_us - before.last_us == 60_000_000
    assert facts.rows.epoch_us[0] // 1_000_000 == FALL_BACK - int(3000 * after) * 60
    assert facts.rows.epoch_us[-1] - facts.rows.epoch_us[0] == 2999 * 60_000_000


@pytest.mark.usefixtures("small_pieces")
def test_two_changes_between_two_pieces(tmp_path: Path) -> None:
    """A clock that lasts for less than a piece is found between the two others."""
    offsets = [7200] * 1200 + [0] * 40 + [3600] * 1760
    path = tmp_path / "access.log"
    path.write_text("".join(access_line(10**9 + i, o) for i, o in enumerate(offsets)))
    facts = sample_file(path, whole_size=0)
    assert facts is not None
    assert [(span.offset_s, span.first_us // 10**6 - 10**9) for span in facts.offset_spans()] == [
        (7200, 0),
        (0, 1200),
        (3600, 1240),
    ]


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("after", [0.1, 0.55, 0.99])
def test_stream(tmp_path: Path, after: float) -> None:
    """A log that cannot be sought in is sampled ever more sparsely, changes to the line."""
    raw = berlin_log(tmp_path / "access.log", 4000, after=after).read_bytes()
    pieces = (raw[at : at + 8192] for at in range(0, len(raw), 8192))
    facts = sample_stream(tmp_path, cut_blocks(pieces, 8192))
    assert facts is not None
    assert facts.lines < 3500
    assert changes(facts) == [FALL_BACK]
    before, behind = facts.offset_spans()
    assert behind.first_us - before.last_us == 60_000_000
    assert facts.rows.epoch_us[-1] - facts.rows.epoch_us[0] == 3999 * 60_000_000
    lines = lines_of(facts, raw)
    assert (lines, lines[-1]) == (sorted({*lines}), 4000)


def test_short_stream(tmp_path: Path) -> None:
    """A short log that cannot be sought in is read whole."""
    raw = berlin_log(tmp_path / "access.log", 300).read_bytes()
    facts = sample_stream(tmp_path, cut_blocks([raw[:9000], raw[9000:]], 4096))
    assert facts is not None
    assert lines_of(facts, raw) == list(range(1, 301))


def test_thinning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thinned rows keep the first, the last, both sides of a change, and server errors."""
    monkeypatch.setattr(access_sampling, "MOST_ROWS", 300)
    statuses = {77: 500, 1500: 503}
    lines = [
        access_line(FALL_BACK - 1000 + i, berlin(FALL_BACK - 1000 + i), statuses.get(i, 200))
        for i in range(2000)
    ]
    (tmp_path / "access.log").write_text("".join(lines))
    facts = sample_file(tmp_path / "access.log")
    assert facts is not None
    assert len(facts.rows) <= 300
    assert {1, 2000, 1000, 1001, 78, 1501} <= {*lines_of(facts, "".join(lines).encode())}


@pytest.mark.parametrize(
    "offsets",
    [
        [3600, 7200] * 25,
        [31_500] * 10 + [7200] * 40,
        # an hour, but not when any zone changes
        [7200] * 10 + [3600] * 40,
    ],
)
def test_mixed_clocks(tmp_path: Path, offsets: list[int]) -> None:
    """An offset that changes as no zone's does is somebody else's clock."""
    path = tmp_path / "access.log"
    path.write_text("".join(access_line(10**9 + i, offset) for i, offset in enumerate(offsets)))
    facts = sample_file(path)
    assert facts is not None
    assert facts.rules() is None


def test_told_format(tmp_path: Path) -> None:
    """A LogFormat without an offset gives instants, but no rules."""
    path = tmp_path / "access.log"
    path.write_text("1780614473123456 10.0.0.9 4711 abcdefghijk\n" * 3)
    facts = sample_file(path, [LogFormat.compile("%{usec}t %a %{remote}p %L")])
    assert facts is not None
    assert facts.rows.epoch_us.tolist() == [1_780_614_473_123_456] * 3
    assert facts.rules() is None


@pytest.mark.parametrize(
    ("error_log", "expected"),
    [
        ("error.log", ["access.log", "other_vhosts_access.log"]),
        ("error.log.1", ["access.log.1", "access.log"]),
        ("error.log.2.gz", ["access.log.2.gz", "access.log.1"]),
        ("ssl_error_log", ["ssl_access_log", "ssl_request_log"]),
        ("error_log-20260605", ["access_log-20260605"]),
        ("shop-error.log", ["shop-access.log"]),
    ],
)
def test_companions(tmp_path: Path, error_log: str, expected: list[str]) -> None:
    """Access logs of the folder are ranked by how alike their names are."""
    names = (
        "access.log access.log.1 access.log.2.gz other_vhosts_access.log ssl_access_log "
        "ssl_request_log access_log-20260605 access_log-20260606 shop-access.log error.log notes"
    )
    for name in names.split():
        (tmp_path / name).write_text("x\n")
    found = [path.name for path in find_access_logs([tmp_path / error_log])]
    assert found[: len(expected)] == expected
    assert "notes" not in found


def test_epochs_in_names(tmp_path: Path) -> None:
    """What rotatelogs wrote into names is told of the logs that are files."""
    names = ["error.1780617600", "error.1780704000.gz", "error.log.1", "error.1780790400"]
    paths = [tmp_path / name for name in names]
    for path in paths[:3]:
        path.write_bytes(b"")
    found = find_neighbours([*paths, "-", tmp_path], search=False)
    assert found.epochs_s == {str(paths[0]): 1_780_617_600, str(paths[1]): 1_780_704_000}


def test_found_by_themselves(tmp_path: Path) -> None:
    """Access logs beside and the host's audit log are read without being named."""
    (tmp_path / "apache2").mkdir()
    (tmp_path / "audit").mkdir()
    error_log = tmp_path / "apache2" / "error.log"
    error_log.write_text("x\n")
    berlin_log(tmp_path / "apache2" / "access.log", 20)
    (tmp_path / "apache2" / "access.log.1.gz").write_bytes(
        gzip.compress(access_line(FALL_BACK - 10**6, 7200).encode())
    )
    (tmp_path / "apache2" / "access_broken.log").write_text("no log at all\n")
    (tmp_path / "apache2" / "ssl_access.log").touch()
    audit = AUDIT.format(serial=7, comm="httpd") + AUDIT.format(serial=8, comm="postgres")
    (tmp_path / "audit" / "audit.log").write_text(audit)
    facts = find_neighbours([error_log], var_log=tmp_path)
    assert [Path(found.path).name for found in facts.access] == ["access.log", "access.log.1.gz"]
    assert [denial.pid for denial in facts.denials] == [7]


def test_search_can_be_switched_off(tmp_path: Path) -> None:
    """Without search nothing beside is read."""
    (tmp_path / "error.log").write_text("x\n")
    berlin_log(tmp_path / "access.log", 20)
    facts = find_neighbours([tmp_path / "error.log", "-"], search=False, var_log=tmp_path)
    assert (facts.access, facts.denials) == ([], [])


def test_audit_log_of_another_host(tmp_path: Path) -> None:
    """This host's audit log says nothing of a log that lies elsewhere."""
    (tmp_path / "host" / "audit").mkdir(parents=True)
    (tmp_path / "host" / "audit" / "audit.log").write_text(AUDIT.format(serial=7, comm="httpd"))
    (tmp_path / "error.log").write_text("x\n")
    assert find_neighbours([tmp_path / "error.log"], var_log=tmp_path / "host").denials == []


def test_named_files(tmp_path: Path) -> None:
    """Named logs are read wherever they are; a fault in one is an error."""
    (tmp_path / "error.log").write_text("x\n")
    named = berlin_log(tmp_path / "whatever", 5)
    (tmp_path / "audit").write_text(AUDIT.format(serial=8, comm="postgres"))
    facts = find_neighbours(["-"], access_logs=[named], audit_logs=[tmp_path / "audit"])
    assert len(facts.access) == len(facts.denials) == 1
    for bad in ("gone", "error.log"):
        with pytest.raises(ReadError, match=bad):
            find_neighbours(["-"], access_logs=[tmp_path / bad])
    with pytest.raises(ReadError, match="gone"):
        find_neighbours(["-"], audit_logs=[tmp_path / "gone"])
    with pytest.raises(ReadError, match=r"whatever is no audit log: no line has such a stamp"):
        find_neighbours(["-"], audit_logs=[named])


def test_named_by_a_glob(tmp_path: Path) -> None:
    """A glob that no shell has expanded means each file that it matches and that holds any line."""
    for name in ("access.log", "access.log.1"):
        berlin_log(tmp_path / name, 5)
    (tmp_path / "access.log.2").touch()
    (tmp_path / "audit.log").write_text(AUDIT.format(serial=8, comm="postgres"))
    access, audit = [tmp_path / "access.log*"], [tmp_path / "audit.l?g"]
    facts = find_neighbours(["-"], access_logs=access, audit_logs=audit)
    assert [Path(one.path).name for one in facts.access] == ["access.log", "access.log.1"]
    assert len(facts.denials) == 1
    with pytest.raises(ReadError, match=r"access log .*/gone\*: no file matches"):
        find_neighbours(["-"], access_logs=[tmp_path / "gone*"])
    with pytest.raises(ReadError, match=r"audit log .*/gone\*: no file matches"):
        find_neighbours(["-"], audit_logs=[tmp_path / "gone*"])
    with pytest.raises(ReadError, match=r"access.log.2 is no access log"):
        find_neighbours(["-"], access_logs=[tmp_path / "access.log.[2-9]"])


@pytest.mark.parametrize(
    "stamp", ["[2026-11-27 09:35:01.321765 -0500]", "[27/Nov/2026:09:35:01]", "1795789301.123"]
)
def test_another_time_than_that_of_an_access_log(stamp: str, tmp_path: Path) -> None:
    """What form is needed is told: other times stand in brackets as well."""
    log = tmp_path / "access.log"
    log.write_text(f'192.0.2.7 - - {stamp} "GET / HTTP/1.1" 200 5\n')
    with pytest.raises(ReadError, match=r"with %t: most lines have no \[05/Jun/2026:09:07:53 "):
        find_neighbours(["-"], access_logs=[log])
    beside = tmp_path / "error.log"
    beside.touch()
    assert find_neighbours([beside]).access == []


def test_compressed_blocks(tmp_path: Path) -> None:
    """Compressed access logs come through the sources' own reader."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x\ny\n"))
    (block,) = blocks_of(tmp_path / "a.gz")
    assert len(block) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("normalize",), ("clocks",), ("flags",), ("pairs",), ("report",), ("export", "-o", "x.csv"),
        ("query", "SELECT utc FROM log LIMIT 1"),
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_neighbour_that_vanishes(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """One that was listed and is not there any more keeps no word from its work, and is told."""
    gone = tmp_path / "access.log"
    sample = places.SAMPLE_LOGS / "berlin_utc_django" / "error.log"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(neighbours, "find_access_logs", lambda logs: [gone])
    assert run([*words, str(sample)]) == 0
    told = capfd.readouterr()
    if words[0] in ("normalize", "clocks", "pairs"):
        reason = f"cannot read access log {gone}: No such file or directory"
        assert "".join(reason.split()) in "".join((told.err + told.out).split())
    assert run([*words, "--access-log", str(gone), str(sample)]) == 3


class TestMany:
    """Rotated sets with an access log for each day, and for each virtual host."""

    @pytest.fixture
    def error_logs(self, tmp_path: Path) -> list[Path]:
        """Thirty members."""
        logs = [tmp_path / f"shop-error.log-202611{day:02}" for day in range(1, 31)]
        for log in logs:
            log.write_text("x\n")
        return logs

    def test_those_that_hold_nothing_stand_in_nobodys_way(
        self, tmp_path: Path, error_logs: list[Path]
    ) -> None:
        """However likely their names are."""
        for day in range(1, 31):
            (tmp_path / f"shop-access.log-202611{day:02}").touch()
            (tmp_path / f"shop-access.log-202611{day:02}.gz").write_bytes(gzip.compress(b""))
        (tmp_path / "other_access.log-20261101").write_text(access_line(FALL_BACK, 3600))

        facts = find_neighbours(error_logs)
        assert [Path(one.path).name for one in facts.access] == ["other_access.log-20261101"]
        assert facts.unread == []

    def test_small_ones_are_all_read(
        self, tmp_path: Path, error_logs: list[Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of large ones the likeliest are."""
        for day in range(1, 31):
            text = access_line(FALL_BACK + day, 3600)
            (tmp_path / f"shop-access.log-202611{day:02}").write_text(text)

        assert len(find_neighbours(error_logs).access) == 30
        monkeypatch.setattr(neighbours, "_MORE_BYTES", 5 * len(text))
        assert len(find_neighbours(error_logs).access) == neighbours.MOST_ACCESS_LOGS + 5
