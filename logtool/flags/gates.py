"""Gates: take the words of a rule's `when`, tell what every line has that it holds on.

Nothing here loads polars: child processes look for lines before that may be loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from logtool.flags.needles import are_needles, needles, outer_alternatives
from parsers.classes import dataclass
from parsers.wsgi_prefix import PREFIX

if TYPE_CHECKING:
    from logtool.flags.rule import Rule

#: The margin of an exception group.
_MARGIN = r"(?: +\| )?"
#: What may stand before a type's name.
DOTTED = r"(?:[A-Za-z_][A-Za-z0-9_.<>]*\.)?"
_START = re.compile(r"(?<!\[)\^|\\A")
#: How the tags of mod_wsgi's codes begin, and so much of them as stands for several.
_CODES, _CODE = "WSGI", 7
#: What a rule may be counted by that is a process.
_PROCESSES = ("pid", "about_pid")


@dataclass(frozen=True, slots=True)
class Gate:
    """What every line has that some conditions hold on.

    Attributes:
        tags: one of these tags, if not empty; then the rest does not count.
        pattern: a regular expression that matches at the start of what a message says.
        holds: one that matches somewhere in the line.
        words: texts that are sure to be `needles` of that, if they are known.
    """

    tags: frozenset[str] = frozenset()
    pattern: str = ""
    holds: str = ""
    words: tuple[str, ...] = ()

    def needles(self) -> frozenset[str] | None:
        """Texts one of which every such line holds, or None if there are none."""
        if not self.tags:
            return frozenset(self.words) if are_needles(self.words) else needles(self.holds)
        return frozenset(tag[:_CODE] if tag.startswith(_CODES) else f"{tag}:" for tag in self.tags)


#: What every line has that tells where a life begins; a crash has a rule of its own.
OF_LIVES = (
    Gate(pattern="AH00(?:163|292|489):", holds="resuming normal operations"),
    Gate(pattern="AH00(?:169|170|295|296|491|492):", holds="shutting down"),
    Gate(
        pattern="AH00(?:171|173|297|298|493|494):",
        holds="doing restart|Doing graceful restart|Attempting to restart",
    ),
    Gate(pattern="Starting process '", holds="Starting process '"),
    Gate(pattern="Starting daemon process '", holds="Starting daemon process '"),
)

#: What a torn traceback begins with: its `Type: text` is there only when it is put together.
OF_TORN = Gate(
    pattern="Exception (?:in thread |ignored [^:<]*(?:: )?)$",
    holds="Exception in thread |Exception ignored ",
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of `when`.

    Attributes:
        takes: what a value must be: `strings`, `numbers`, `regex` or `flag`.
        gate: value → what every line has that the condition holds on; None if the word alone does
            not narrow a search.
    """

    takes: str
    gate: Callable[[Any], Gate] | None = None


def alternatives(words: Iterable[str]) -> str:
    """An expression for any of some texts."""
    return "|".join(re.escape(word) for word in words)


def _type_gate(types: list[str]) -> str:
    return f"{DOTTED}(?:{alternatives(types)})"


def gate_of_texts(words: Sequence[str]) -> Gate:
    """What every line has that one of some texts begins, or stands in."""
    return Gate(pattern=alternatives(words), holds=alternatives(words), words=tuple(words))


def _at_start(pattern: str) -> str:
    """An expression that, matched at the start, holds wherever this one does."""
    branches = outer_alternatives(pattern)
    moved = "|".join(
        branch[1:] if branch.startswith("^") else f".*(?:{branch})" for branch in branches
    )
    # Behind a prefix no start of the text would be found.
    return "" if _START.search(moved) else moved


WORDS: Mapping[str, Word] = {
    "tag": Word("strings"),
    "says": Word("strings", gate_of_texts),
    "message": Word("strings", gate_of_texts),
    "contains": Word(
        "strings",
        lambda v: Gate(pattern=f".*(?:{alternatives(v)})", holds=alternatives(v), words=tuple(v)),
    ),
    "regex": Word("regex", lambda v: Gate(pattern=_at_start(v), holds=v)),
    "exception": Word(
        "strings",
        lambda v: Gate(pattern=f"{_type_gate(v)}(?::|$)", holds=_type_gate(v), words=tuple(v)),
    ),
    "exception_text": Word("regex"),
    "in_traceback": Word("flag"),
    "frame": Word("regex"),
    "status": Word("numbers"),
    "module": Word("strings"),
    "level": Word("strings"),
    "role": Word("strings"),
    "marker": Word("strings"),
    "python_level": Word("strings"),
    "head": Word("strings"),
    "addressed": Word("flag"),
}


def gate(when: Mapping[str, Any]) -> Gate:
    """What every line has that this `when` holds on.

    Raises:
        ValueError: no word of it narrows a search.
    """
    if "tag" in when:
        return Gate(tags=frozenset(when["tag"]))
    text = when.get("exception_text", "")
    if "exception" in when and text:
        types, moved = _type_gate(when["exception"]), _at_start(text)
        return Gate(pattern=f"{types}: (?:{moved})", holds=f"{types}: (?:{moved or text})")
    for word, value in when.items():
        build = WORDS[word].gate
        if build is not None:
            return build(value)
    raise ValueError(
        "nothing here narrows the search: give a tag, says, message, contains, regex or exception"
    )


def gates_of(rules: Sequence[Rule]) -> list[Gate]:
    """A gate for each `when` of some rules and their partners, and what else must be seen."""
    whens = [when for rule in rules for when in rule.whens]
    whens += [when for rule in rules if rule.partner for when in rule.partner.whens]
    torn = (OF_TORN,) if any("exception" in when for when in whens) else ()
    return [*map(gate, whens), *(OF_LIVES if by_process(rules) else ()), *torn]


def by_process(rules: Sequence[Rule]) -> list[int]:
    """The numbers of the rules that are counted by process."""
    return [number for number, rule in enumerate(rules) if rule.once_per in _PROCESSES]


def gate_of(gates: Iterable[Gate]) -> str | None:
    """One regular expression that every message passes which passes a gate without tags."""
    several = sorted({f"(?:{gate.pattern})" for gate in gates if not gate.tags})
    return f"^{PREFIX}{_MARGIN}(?:{'|'.join(several)})" if several else None
