"""Reading the shape of a mapping: which keys it has, what kind of value stands behind each. Everything wrong is
reported, nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from guidewright.rules.diagnostics import Diagnostic, Place, error, suggest
from guidewright.rules.literals import braces
from guidewright.rules.reading import Mapping, Node, Scalar, Sequence

Problems = list[Diagnostic]
Fields = dict[str, Node]

RESERVED = frozenset(
    {"any", "all", "not", "known", "unknown", "uncertain", "none", "as_of"}
    | {"value", "source", "on", "note", "one_of", "records", "of"}
)
_ID = re.compile(r"[A-Za-z0-9_-]+")
_DOTTED = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


def fields(
    node: Node,
    what: str,
    allowed: Collection[str],
    required: Collection[str],
    problems: Problems,
    later: Collection[str] = (),
    at: Place | None = None,
) -> Fields | None:
    """The entries of a mapping by key, or `None` where it is no mapping. Unknown and missing keys are reported;
    `later` are reserved words. `at` is where the name of the mapping stands, if it has one.
    """
    if not isinstance(node, Mapping):
        message = f"{what} is a mapping, with a key and a colon on each line"
        empty = isinstance(node, Scalar) and not node.text
        place = at if at is not None and empty else start_of(node.place)
        help = "write `{label: …}`" if isinstance(node, Scalar) and node.text and "label" in required else None
        problems.append(error("GW101", message, place, help))
        return None
    found = {key.text: value for key, value in node.entries if key.text in allowed and key.text not in later}
    unknown = [key for key, _ in node.entries if key.text not in found]
    missing = [name for name in required if name not in found]
    keys = ", ".join(f"`{name}`" for name in list(allowed)[:20])
    if missing and not found and len(unknown) > 1:
        # What belongs below a key stands in its place.
        help = (
            f"begin with `{missing[0]}:` and indent the rest below it" if len(missing) == 1 else f"its keys are {keys}"
        )
        problems.append(error("GW104", f"{what} has no `{missing[0]}`", at or start_of(node.place), help))
        return found
    for key in unknown:
        if key.text in later:
            problems.append(error("GW102", f"`{key.text}` is reserved for a later version of the language", key.place))
            continue
        meant = suggest(key.text, allowed)
        # A missing key that is there, but misspelt, is told once.
        missing = [name for name in missing if f"`{name}`" not in (meant or "")]
        help = meant or f"its keys are {keys}"
        problems.append(error("GW103", f"unknown key `{key.text}` in {what}", key.place, help))
    problems.extend(error("GW104", f"{what} has no `{name}`", at or start_of(node.place)) for name in missing)
    return found


def start_of(place: Place) -> Place:
    """A place that fits on one line; else its first character, where something long begins."""
    if place.line == place.end_line:
        return place
    return Place(place.file, place.line, place.column, place.line, place.column + 1)


def text(node: Node | None, what: str, problems: Problems) -> str | None:
    """A text that is not empty; numbers and `true` count as the text that stands there."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text.strip() and (node.quoted or node.value is not None):
        return " ".join(node.text.split())
    quoted = braces(node)
    problems.append(
        error("GW105", f"{what} is a text", start_of(node.place), f'quote it: "{quoted}"' if quoted else None)
    )
    return None


def long_text(node: Node | None, what: str, problems: Problems) -> str | None:
    """A text that keeps its paragraphs."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text.strip() and (node.quoted or node.value is not None):
        return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", node.text.strip()))
    problems.append(error("GW105", f"{what} is a text", start_of(node.place)))
    return None


def flag(node: Node | None, what: str, problems: Problems) -> bool:
    """`true` or `false`; absent is false."""
    if node is None:
        return False
    if isinstance(node, Scalar) and isinstance(node.value, bool) and not node.quoted:
        return node.value
    problems.append(error("GW106", f"{what} is `true` or `false`", start_of(node.place)))
    return False


def items(node: Node | None, what: str, problems: Problems) -> tuple[Node, ...]:
    """The entries of a list; absent is empty."""
    if node is None:
        return ()
    if isinstance(node, Sequence):
        return node.items
    problems.append(
        error("GW107", f"{what} is a list", start_of(node.place), "write `[a, b]`, or one entry a line behind `- `")
    )
    return ()


def entries(node: Node | None, what: str, problems: Problems) -> tuple[tuple[Scalar, Node], ...]:
    """The keys and values of a mapping whose keys are the author's; absent is empty."""
    if node is None:
        return ()
    if isinstance(node, Mapping):
        return node.entries
    problems.append(error("GW101", f"{what} is a mapping, with a key and a colon on each line", start_of(node.place)))
    return ()


def names(node: Node | None, what: str, problems: Problems) -> tuple[tuple[str, Place], ...]:
    """A list of ids with their places; one that stands twice is reported."""
    found: dict[str, Place] = {}
    for item in items(node, what, problems):
        if not isinstance(item, Scalar) or not item.text.strip():
            problems.append(error("GW108", f"{what} holds ids", start_of(item.place)))
        elif item.text in found:
            problems.append(error("GW109", f"`{item.text}` stands twice in {what}", item.place))
        else:
            found[item.text] = item.place
    return tuple(found.items())


def one_of(node: Node | None, what: str, choices: Collection[str], problems: Problems) -> str | None:
    """One word of a fixed list."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text in choices:
        return node.text
    if isinstance(node, Scalar):
        help = suggest(node.text, choices) or "write " + ", ".join(f"`{choice}`" for choice in choices)
        problems.append(error("GW110", f"`{node.text}` is no {what}", node.place, help))
    else:
        problems.append(error("GW105", f"{what} is a text", start_of(node.place)))
    return None


def is_good_id(key: Scalar, what: str, problems: Problems, dotted: bool = False, may_be: Collection[str] = ()) -> bool:
    """Whether a key may be an id: letters, digits, `_`, `-` (facts dotted), and no word of the language."""
    good = (_DOTTED if dotted else _ID).fullmatch(key.text) is not None
    if not good:
        dots = ", with dots between its parts" if dotted else ""
        problems.append(
            error("GW111", f"`{key.text}` cannot be {what}", key.place, f"an id has letters, digits, `_` and `-`{dots}")
        )
    elif key.text in RESERVED and key.text not in may_be:
        problems.append(error("GW112", f"`{key.text}` is a word of the language and cannot be {what}", key.place))
        return False
    elif len(key.text) > 100:
        problems.append(
            error(
                "GW111",
                f"this id of {len(key.text)} characters is too long",
                key.place,
                "an id has at most 100 characters",
            )
        )
        return False
    return good
