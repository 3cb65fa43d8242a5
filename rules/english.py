"""Conditions and values in plain English, for explanations: "largest liver lesion at least 10 mm"."""

from __future__ import annotations

from collections.abc import Mapping

from guidewright.rules.conditions import (
    AllOf,
    AnyOf,
    Check,
    Compare,
    Condition,
    IsNone,
    Not,
    OneOf,
    Record,
    SaidAs,
    Test,
    Within,
)
from guidewright.rules.domains import option_label, precise_options, written
from guidewright.rules.model import BooleanType, ChoicesType, ChoiceType, DateType, Duration, Fact, FactType, Timing
from guidewright.rules.spoken import spoken
from guidewright.rules.units import show_number
from guidewright.rules.values import Ordered, Span, Value, ValueSet

_NUMBERS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "!=": "other than"}
_DAYS = {"<": "before", "<=": "on or before", ">": "after", ">=": "on or after", "!=": "other than"}


def in_words(value: Value, kind: FactType) -> str:
    """A value for a reader: labels of choices, yes and no, numbers with their units."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(kind, ChoiceType | ChoicesType):
        if isinstance(value, str):
            return option_label(kind, value)
        if isinstance(value, frozenset):
            return ", ".join(option_label(kind, v) for v in precise_options(kind) if v in value) or "none of them"
    return spoken(written(value, kind))


def set_in_words(values: ValueSet, kind: FactType) -> str:
    """What a fact may still be, for a reader."""
    parts: list[str] = []
    if isinstance(kind, ChoiceType):
        parts += [option_label(kind, option) for option in precise_options(kind) if option in values.values]
    elif isinstance(kind, BooleanType):
        parts += [in_words(v, kind) for v in (True, False) if v in values.values]
    elif isinstance(kind, ChoicesType):
        parts += sorted(in_words(v, kind) for v in values.values)
        if values.subsets_of is not None:
            parts.append("any of them")
    else:
        runs = [span_in_words(run, kind) for run in values.spans]
        parts += runs if len(runs) == 1 else [f"({run})" if ", " in run else run for run in runs]
        parts += sorted(str(v) for v in values.values)
    if values.none:
        parts.append("not applicable")
    return _or(parts) if parts else "not known"


def span_in_words(run: Span, kind: FactType) -> str:
    """A run of numbers or days: `below 5 ng/mL`, `20 mm to 30 mm`, `36 months or more, below 60 months`."""
    words = _DAYS if isinstance(kind, DateType) else _NUMBERS
    if run.low is None and run.high is None:
        return "any value"
    if run.low is None:
        return f"{words['<' if run.high_open else '<=']} {_end(run.high, kind)}"
    if run.high is None:
        return f"{words['>' if run.low_open else '>=']} {_end(run.low, kind)}"
    if run.low == run.high:
        return _end(run.low, kind)
    return _between(_end(run.low, kind), _end(run.high, kind), run.low_open, run.high_open, kind)


def _end(end: Ordered | None, kind: FactType) -> str:
    assert end is not None
    return in_words(end, kind)


def _between(low: str, high: str, low_open: bool, high_open: bool, kind: FactType) -> str:
    if not (low_open or high_open):
        return f"{low} to {high}"
    words, more = (_DAYS, "or later") if isinstance(kind, DateType) else (_NUMBERS, "or more")
    below = words["<" if high_open else "<="]
    return f"{words['>']} {low}, {below} {high}" if low_open else f"{low} {more}, {below} {high}"


def test_in_words(test: Test, facts: Mapping[str, Fact]) -> str:
    fact = facts[test.fact]
    label = inside_a_sentence(fact.label)
    return _check_in_words(label, test.check, fact.type)


def _check_in_words(label: str, check: Check, kind: FactType) -> str:
    match check:
        case OneOf(literals):
            says = _or([in_words(literal.value, kind) for literal in literals])
            return f"{label} include {says}" if isinstance(kind, ChoicesType) else f"{label}: {says}"
        case Compare(operator, literal):
            words = _DAYS if isinstance(kind, DateType) else _NUMBERS
            return f"{label} {words[operator]} {in_words(literal.value, kind)}"
        case Within(low, high, low_open, high_open):
            ends = _between(in_words(low.value, kind), in_words(high.value, kind), low_open, high_open, kind)
            return f"{label} {ends}" if low_open or high_open else f"{label} from {ends}"
        case IsNone():
            return f"{label} not applicable"
        case Record("known"):
            return f"{label} known"
        case Record("unknown"):
            return f"{label} not known"
        case Record():
            return f"{label} recorded, but uncertain"
        case SaidAs(value):
            assert isinstance(kind, ChoiceType | ChoicesType)
            return f"{label} recorded as “{option_label(kind, value)}”"


def condition_in_words(condition: Condition, facts: Mapping[str, Fact]) -> str:
    """A condition as one phrase; parts of parts stand in brackets, so that `and` and `or` cannot be misread."""
    match condition:
        case Test():
            return test_in_words(condition, facts)
        case Not(Test(fact, OneOf((literal,)))) if isinstance(literal.value, bool):
            return f"{inside_a_sentence(facts[fact].label)}: not {in_words(literal.value, facts[fact].type)}"
        case Not(part):
            return f"not ({condition_in_words(part, facts)})"
        case AllOf(()):
            return "always"
        case AllOf(parts):
            return _and([_bracketed(part, facts) for part in parts])
        case AnyOf(parts):
            return _or([_bracketed(part, facts) for part in parts])


def _bracketed(part: Condition, facts: Mapping[str, Fact]) -> str:
    words = condition_in_words(part, facts)
    compound = isinstance(part, AllOf | AnyOf) and len(part.parts) > 1
    several = isinstance(part, Test) and (
        (isinstance(part.check, OneOf) and len(part.check.literals) > 1)
        or (isinstance(part.check, Within) and (part.check.low_open or part.check.high_open))
    )
    return f"({words})" if compound or several else words


def inside_a_sentence(label: str) -> str:
    """A label with a small first letter, unless its first word is a name or an abbreviation."""
    first = label.split(" ", 1)[0]
    keeps = len(first) == 1 or not first[1].isalpha() or any(c.isupper() or c.isdigit() for c in first[1:])
    return label if keeps else label[:1].lower() + label[1:]


def _and(parts: list[str]) -> str:
    return _joined(parts, "and")


def _or(parts: list[str]) -> str:
    return _joined(parts, "or")


def _joined(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def timing_in_words(timing: Timing, facts: Mapping[str, Fact]) -> str:
    """`every 3 to 4 months, until 36 months, counted from: date of the last liver resection`."""
    parts: list[str] = []
    if timing.every is not None:
        parts.append(f"every {_span_of_time(timing.every)}")
    if timing.once is not None:
        parts.append(f"once, after {_span_of_time(timing.once)}")
    if timing.after is not None:
        parts.append(f"from {_duration(timing.after)}")
    if timing.until is not None:
        parts.append(f"until {_duration(timing.until)}")
    if timing.start is not None:
        parts.append(f"counted from: {facts[timing.start].label}")
    return ", ".join(parts)


def _span_of_time(ends: tuple[Duration, Duration]) -> str:
    low, high = ends
    if low == high:
        return _duration(low)
    return f"{show_number(low.number) if low.unit == high.unit else _duration(low)} to {_duration(high)}"


def _duration(duration: Duration) -> str:
    return spoken(f"{show_number(duration.number)} {duration.unit}")


READ_AS = {
    "full-text": "read in full",
    "abstract": "only its abstract was read",
    "secondary": "seen only in excerpts",
    "not-read": "not read: to be checked",
}
"""How a source was read, as every page says it."""
