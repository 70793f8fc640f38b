"""Judges: takes a module, tells by which tests its mutants are judged.

The tests of a module's own name come first, then those that are written beside the names here, then
those of its folder: fast ones, so that a mutant takes seconds.
"""

from __future__ import annotations

from pathlib import Path

#: What is mutated: what decides how a line is read, and which clock a process keeps.
FOLDERS = ("parsers", "logtool/clocks")
#: Tests that take more than some seconds; none of them judges.
SLOW = (
    "test_certain_is_never_wrong", "test_the_same_story", "test_no_more_are_asked_than_that",
    "test_four_times_the_processes", "test_a_night_in_which_a_clock_changes",
    "test_few_are_asked_twice", "test_random_capture", "test_simulator",
)  # fmt: skip
#: Tests of many modules of a folder, by the longest beginning of a module's path.
_OF_FOLDERS = {
    "logtool/": (),
    "parsers/": (
        "parsers/test_layouts.py", "parsers/test_decode.py", "parsers/test_error_log_format.py",
        "parsers/test_scanning.py", "parsers/test_timestamps.py", "parsers/test_once.py",
        "parsers/test_known_formats.py", "parsers/test_read_back.py", "parsers/test_strftime.py",
    ),
    "parsers/access_log/": ("parsers/access_log",),
    "parsers/httpd_conf/": ("parsers/httpd_conf",),
    "logtool/clocks/": (
        "logtool/clocks/test_constraints.py", "logtool/clocks/test_beam.py",
        "logtool/clocks/test_evidence_kinds.py", "logtool/clocks/test_story.py",
        "logtool/clocks/test_engine.py", "logtool/clocks/test_voices.py",
    ),
    "logtool/clocks/coincidences.py": (),
    "logtool/clocks/direction.py": (),
    "logtool/clocks/falls.py": (),
    "logtool/clocks/few_zones.py": (),
    "logtool/clocks/phases.py": (),
    "logtool/clocks/receipts.py": (),
    "logtool/clocks/remote.py": (),
    "logtool/clocks/second_zones.py": (),
    "logtool/clocks/servers.py": (),
    "logtool/clocks/suppositions.py": (),
    "parsers/better_formats.py": ("parsers/test_proposed_formats.py", "logtool/test_formats.py"),
    "parsers/excerpts.py": ("logtool/clocks/test_sampling.py",),
    "parsers/id_brackets.py": (),
    "parsers/proposed_formats.py": (),
}  # fmt: skip
#: Tests of what a module is made for, where that has another name.
_BESIDE = {
    "logtool/clocks/access_facts.py": ("logtool/clocks/test_neighbours.py",),
    "logtool/clocks/access_sampling.py": ("logtool/clocks/test_neighbours.py",),
    "logtool/clocks/app_zones.py": ("logtool/clocks/test_advice.py",),
    "logtool/clocks/config_advice.py": ("logtool/commands/test_format_config.py",),
    "logtool/clocks/fitting_zones.py": (
        "logtool/clocks/test_table.py", "logtool/commands/test_clocks.py",
    ),
    "logtool/clocks/kinds.py": ("logtool/commands/test_clocks.py",),
    "logtool/clocks/lives.py": ("logtool/clocks/test_knots.py",),
    "logtool/clocks/prices.py": ("logtool/clocks/test_story.py",),
    "logtool/clocks/ranges.py": ("logtool/clocks/test_voice_rows.py",),
    "logtool/clocks/scene.py": ("logtool/clocks/test_roles.py", "logtool/clocks/test_spans.py"),
    "logtool/clocks/solver.py": ("logtool/clocks/test_constraints.py",),
    "logtool/clocks/told.py": ("logtool/clocks/test_telling.py",),
    "logtool/clocks/voting.py": ("logtool/clocks/test_constraints.py",),
    "logtool/clocks/zone_prices.py": ("logtool/clocks/test_voice_rows.py",),
    "logtool/clocks/zone_voices.py": ("logtool/clocks/test_voice_rows.py",),
    "logtool/events/lives.py": ("logtool/flags/test_lives.py", "logtool/reports/test_recount.py"),
    "logtool/mistakes.py": ("logtool/tui/test_mistakes.py",),
    "logtool/rooms.py": ("logtool/test_workers.py",),
    "logtool/sources/recognising.py": ("logtool/sources/test_paths.py",),
    "logtool/tui/model/meant.py": ("logtool/tui/test_filters.py",),
    "parsers/ambiguities.py": ("logtool/test_formats.py",),
    "parsers/blocks.py": ("parsers/test_kernel.py",),
    "parsers/cursor.py": ("parsers/test_once.py",),
    "parsers/layouts.py": ("parsers/test_record_lines.py",),
    "parsers/printing.py": ("logtool/test_formats.py",),
    "parsers/python_levels.py": (
        "logtool/frame/test_python_text.py", "logtool/frame/test_scan.py",
    ),
    "parsers/records.py": ("parsers/test_record_lines.py",),
    "parsers/told_times.py": ("logtool/test_further_stamps.py",),
    "parsers/turning.py": ("logtool/clocks/test_turns.py",),
}  # fmt: skip


def judges(module: str, root: Path) -> list[str]:
    """Paths of tests under a root, the nearest first.

    Args:
        module: the path of a module, `logtool/clocks/beam.py`.
        root: the folder that has `tests` in it.
    """
    folder, _, name = module.rpartition("/")
    widest = max((start for start in _OF_FOLDERS if module.startswith(start)), key=len)
    near = [f"{folder}/test_{name}", *_BESIDE.get(module, ()), *_OF_FOLDERS[widest]]
    return [f"tests/{test}" for test in dict.fromkeys(near) if (root / "tests" / test).exists()]
