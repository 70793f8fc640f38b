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
        "parsers/test_layouts.py", "parsers/test_decode.py",
        "parsers/error_log_format/test_fields.py",
        "parsers/test_scanning.py", "parsers/error_log_format/test_known.py",
        "parsers/test_read_back.py", "parsers/steps/test_once.py",
        "parsers/times/test_timestamps.py", "parsers/times/test_strftime.py",
    ),
    "parsers/access_log/": ("parsers/access_log",),
    "parsers/httpd_conf/": ("parsers/httpd_conf",),
    "logtool/clocks/": (
        "logtool/clocks/seen/test_constraints.py", "logtool/clocks/search/test_beam.py",
        "logtool/clocks/test_evidence_kinds.py", "logtool/clocks/search/test_story.py",
        "logtool/clocks/test_engine.py", "logtool/clocks/seen/test_voices.py",
    ),
    "logtool/clocks/evidence/coincidences.py": (),
    "logtool/clocks/doubt/direction.py": (),
    "logtool/clocks/seen/falls.py": (),
    "logtool/clocks/search/few_zones.py": (),
    "logtool/clocks/seen/phases.py": (),
    "logtool/clocks/evidence/receipts.py": (),
    "logtool/clocks/doubt/remote.py": (),
    "logtool/clocks/search/second_zones.py": (),
    "logtool/clocks/seen/servers.py": (),
    "logtool/clocks/search/suppositions.py": (),
    "parsers/error_log_format/better.py": (
        "parsers/detection/test_proposed_formats.py", "logtool/formats/test_checking.py",
    ),
    "parsers/excerpts.py": ("logtool/clocks/seen/test_sampling.py",),
    "parsers/id_brackets.py": (),
    "parsers/detection/proposed_formats.py": (),
}  # fmt: skip
#: Tests of what a module is made for, where that has another name.
_BESIDE = {
    "logtool/clocks/evidence/access_facts.py": ("logtool/clocks/evidence/test_neighbours.py",),
    "logtool/clocks/evidence/access_sampling.py": ("logtool/clocks/evidence/test_neighbours.py",),
    "logtool/clocks/telling/app_zones.py": ("logtool/clocks/telling/test_advice.py",),
    "logtool/clocks/telling/config_advice.py": ("logtool/commands/test_format_config.py",),
    "logtool/clocks/telling/fitting_zones.py": (
        "logtool/clocks/test_table.py", "logtool/commands/test_clocks.py",
    ),
    "logtool/clocks/telling/kinds.py": ("logtool/commands/test_clocks.py",),
    "logtool/clocks/seen/lives.py": ("logtool/clocks/seen/test_knots.py",),
    "logtool/clocks/search/prices.py": ("logtool/clocks/search/test_story.py",),
    "logtool/clocks/seen/ranges.py": ("logtool/clocks/search/test_voice_rows.py",),
    "logtool/clocks/seen/scene.py": (
        "logtool/clocks/seen/test_roles.py", "logtool/clocks/seen/test_spans.py",
    ),
    "logtool/clocks/solver.py": ("logtool/clocks/seen/test_constraints.py",),
    "logtool/clocks/search/told.py": ("logtool/clocks/telling/test_telling.py",),
    "logtool/clocks/search/voting.py": ("logtool/clocks/seen/test_constraints.py",),
    "logtool/clocks/search/zone_prices.py": ("logtool/clocks/search/test_voice_rows.py",),
    "logtool/clocks/search/zone_voices.py": ("logtool/clocks/search/test_voice_rows.py",),
    "logtool/events/lives.py": ("logtool/flags/test_lives.py", "logtool/reports/test_recount.py"),
    "logtool/mistakes.py": ("logtool/tui/test_mistakes.py",),
    "logtool/machine/rooms.py": ("logtool/machine/test_workers.py",),
    "logtool/sources/recognising.py": ("logtool/sources/test_paths.py",),
    "logtool/tui/model/chosen/meant.py": ("logtool/tui/test_filters.py",),
    "parsers/error_log_format/ambiguities.py": ("logtool/formats/test_checking.py",),
    "parsers/blocks.py": ("parsers/compiled/test_kernel.py",),
    "parsers/steps/cursor.py": ("parsers/steps/test_once.py",),
    "parsers/built_in.py": ("parsers/test_layouts.py",),
    "parsers/layouts.py": ("parsers/error_log_format/test_record_lines.py",),
    "parsers/error_log_format/printing.py": ("logtool/formats/test_checking.py",),
    "parsers/python_levels.py": (
        "logtool/frame/test_python_text.py", "logtool/frame/test_scan.py",
    ),
    "parsers/records.py": ("parsers/error_log_format/test_record_lines.py",),
    "parsers/steps/told_times.py": ("logtool/writing/test_further_stamps.py",),
    "parsers/compiled/turning.py": ("logtool/clocks/seen/test_turns.py",),
    "parsers/bracket_looks.py": ("parsers/test_id_brackets.py",),
}  # fmt: skip


def judges(module: str, root: Path) -> list[str]:
    """Paths of tests under a root, the nearest first.

    Args:
        module: the path of a module, `logtool/clocks/search/beam.py`.
        root: the folder that has `tests` in it.
    """
    folder, _, name = module.rpartition("/")
    widest = max((start for start in _OF_FOLDERS if module.startswith(start)), key=len)
    near = [f"{folder}/test_{name}", *_BESIDE.get(module, ()), *_OF_FOLDERS[widest]]
    return [f"tests/{test}" for test in dict.fromkeys(near) if (root / "tests" / test).exists()]
