"""Reading a patient: what a record says, with its sources, checked against the facts of a guideline.

Nothing is evaluated where anything is wrong; everything that is wrong is reported at once. A record has no `repr` of
its values: clinical facts must not slip into logs and tracebacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from pathlib import Path

from guidewright.rules.cross_checks import without_consequences
from guidewright.rules.diagnostics import Diagnostic, Place, error, ordered, suggest
from guidewright.rules.domains import step_of, whole, written_span
from guidewright.rules.literals import Trouble, native_of, outside_range, read_day, read_days, read_span, read_value
from guidewright.rules.model import (
    ChoicesType,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    Guideline,
    IntegerType,
    QuantityType,
    TextType,
)
from guidewright.rules.reading import Mapping as MappingNode
from guidewright.rules.reading import Node, Scalar, from_python, read_file, read_json, read_yaml
from guidewright.rules.reading import Sequence as SequenceNode
from guidewright.rules.shape import Problems, fields, items, start_of, text
from guidewright.rules.values import NONE, Span, ValueSet, intersection, is_empty, of, of_spans, union

_TOP = ("patient", "as_of", "facts", "case", "why", "expect")
_RECORD = ("value", "one_of", "source", "on", "note")
_SOURCES = 100  # more sources that disagree about one fact are a mistake, and would take long to reconcile


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """What one source says: the values that it allows, how it was written, and `said`, the imprecise value that it
    names.
    """

    values: ValueSet
    written: str
    said: str | None = None
    source: str | None = None
    on: str | None = None
    note: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """Everything recorded about one fact. Several entries disagree: the fact may be what any of them says."""

    entries: tuple[Entry, ...]
    values: ValueSet
    said: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Patient:
    """A checked record. `id` is opaque, never a name; `dated` is false where today stood in for a missing `as_of`."""

    id: str | None
    as_of: date
    records: Mapping[str, Record]
    dated: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class PatientRead:
    patient: Patient | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def load_patient(path: str | Path, guideline: Guideline, today: date, as_of: date | None = None) -> PatientRead:
    """The patient in a YAML or JSON file. `as_of` replaces the one in the file; without either, `today` is used."""
    content, problems = read_file(path)
    if content is None:
        return PatientRead(None, ordered(problems), {})
    is_json = str(path).endswith(".json") or content.lstrip().startswith("{")
    node, found = read_json(content, str(path)) if is_json else read_yaml(content, str(path))
    every = [*problems, *found]
    patient = read_patient(node, guideline, today, as_of, every) if node is not None else None
    return _finished(patient, without_consequences(every), {str(path): content})


def patient_from(
    facts: object, guideline: Guideline, today: date, as_of: date | None = None, id: str | None = None
) -> PatientRead:
    """The patient whose facts are a Python mapping, dotted or nested, as in a file."""
    node, found = from_python(facts)
    problems = list(found)
    records: Mapping[str, Record] = {}
    day = as_of or today
    if node is not None:
        records = read_records(node, guideline, day, problems)
    return _finished(Patient(id, day, records, as_of is not None), problems, {})


def _finished(patient: Patient | None, problems: Problems, texts: Mapping[str, str]) -> PatientRead:
    sound = not any(d.severity == "error" for d in problems)
    return PatientRead(patient if sound else None, ordered(problems), texts)


def read_patient(
    node: Node, guideline: Guideline, today: date, as_of: date | None, problems: Problems
) -> Patient | None:
    """A patient file's content, or `None` where it is no mapping."""
    got = fields(node, "a patient file", _TOP, ("facts",), problems)
    if got is None:
        return None
    id_node = got.get("patient") or got.get("case")
    id = text(id_node, "the patient's id", problems)
    day, dated = as_of or today, as_of is not None
    if as_of is None and "as_of" in got:
        written = text(got["as_of"], "`as_of`", problems)
        found = read_day(written) if written is not None else today
        if isinstance(found, Trouble):
            problems.append(error(found.code, found.message, got["as_of"].place, found.help))
        else:
            day, dated = found, True
    records = read_records(got["facts"], guideline, day, problems) if "facts" in got else {}
    return Patient(id, day, records, dated)


def read_records(node: Node, guideline: Guideline, as_of: date, problems: Problems) -> dict[str, Record]:
    """What is recorded about each fact. An empty mapping, or nothing, is an empty record."""
    records: dict[str, Record] = {}
    places: dict[str, Place] = {}
    if isinstance(node, Scalar) and node.value is None and not node.quoted:
        return records
    groups = {id[:dot] for id in guideline.facts for dot in range(len(id)) if id[dot] == "."}
    _read_level(node, "", guideline, groups, as_of, records, places, problems)
    return records


def _read_level(
    node: Node,
    prefix: str,
    guideline: Guideline,
    groups: set[str],
    as_of: date,
    records: dict[str, Record],
    places: dict[str, Place],
    problems: Problems,
) -> None:
    if not isinstance(node, MappingNode):
        what = f"`{prefix[:-1]}`" if prefix else "`facts`"
        problems.append(error("GW801", f"{what} is a mapping from facts to what is recorded", start_of(node.place)))
        return
    for key, value in node.entries:
        id = prefix + key.text
        fact = guideline.facts.get(id)
        if fact is None and id in groups:
            _read_level(value, id + ".", guideline, groups, as_of, records, places, problems)
        elif fact is None:
            problems.append(error("GW201", f"unknown fact `{id}`", key.place, suggest(id, guideline.facts)))
        elif id in places:
            message = f"`{id}` is recorded twice"
            help = "two sources that disagree are written `one_of: [{value: …, source: …}, …]`"
            problems.append(error("GW802", message, key.place, help, related=(("recorded here too", places[id]),)))
        else:
            places[id] = key.place
            record = _read_record(value, fact, as_of, problems)
            if record is not None:
                records[id] = record


def _read_record(node: Node, fact: Fact, as_of: date, problems: Problems) -> Record | None:
    """What is recorded, or `None` for `unknown` (and where something is wrong with it)."""
    if not isinstance(node, MappingNode):
        entry = _read_entry(node, fact, as_of, {}, problems)
        return None if entry is None else _joined((entry,), fact)
    got = fields(node, f"the record of `{fact.id}`", _RECORD, (), problems)
    if got is None:
        return None
    about = {name: text(got.get(name), f"`{name}`", problems) for name in ("source", "on", "note")}
    _check_on(got.get("on"), about["on"], as_of, problems)
    if ("value" in got) == ("one_of" in got):
        problems.append(
            error("GW803", f"the record of `{fact.id}` has either `value` or `one_of`", start_of(node.place))
        )
        return None
    if "value" in got:
        entry = _read_entry(got["value"], fact, as_of, about, problems)
        return None if entry is None else _joined((entry,), fact)
    return _read_several(got["one_of"], fact, as_of, about, problems)


def _read_several(
    node: Node, fact: Fact, as_of: date, about: Mapping[str, str | None], problems: Problems
) -> Record | None:
    before = len(problems)
    entries: list[Entry] = []
    for item in items(node, "`one_of`", problems):
        if isinstance(item, MappingNode):
            got = fields(item, "an entry of `one_of`", ("value", "source", "on", "note"), ("value",), problems)
            own = {name: text((got or {}).get(name), f"`{name}`", problems) for name in ("source", "on", "note")}
            _check_on((got or {}).get("on"), own["on"], as_of, problems)
            value = (got or {}).get("value")
        else:
            own, value = {}, item
        if isinstance(value, Scalar) and value.text == "unknown":
            problems.append(
                error("GW803", "`unknown` is no value that a source gives", value.place, "leave the entry out")
            )
        elif value is not None:
            entry = _read_entry(
                value,
                fact,
                as_of,
                {name: own.get(name) or about.get(name) for name in ("source", "on", "note")},
                problems,
            )
            if entry is not None:
                entries.append(entry)
    if len(problems) > before:
        return None
    if len(entries) > _SOURCES:
        problems.append(error("GW803", f"`one_of` lists more than {_SOURCES} values", start_of(node.place)))
        return None
    if len(entries) < 2:
        problems.append(
            error(
                "GW803",
                "`one_of` lists at least two values",
                start_of(node.place),
                "a single value is written as it is",
            )
        )
        return None
    return _joined(tuple(entries), fact)


def _check_on(node: Node | None, on: str | None, as_of: date, problems: Problems) -> None:
    if node is None or on is None:
        return
    days = read_days(on)
    if isinstance(days, Trouble):
        problems.append(error(days.code, days.message, node.place, days.help))
    elif isinstance(days.low, date) and days.low > as_of:
        problems.append(error("GW805", f"`{on}` is after the day of assessment, {as_of.isoformat()}", node.place))


def _joined(entries: tuple[Entry, ...], fact: Fact) -> Record:
    values = reduce(lambda a, b: union(a, b, step_of(fact.type)), (entry.values for entry in entries))
    return Record(entries, values, frozenset(entry.said for entry in entries if entry.said is not None))


def _read_entry(
    node: Node, fact: Fact, as_of: date, about: Mapping[str, str | None], problems: Problems
) -> Entry | None:
    if isinstance(node, Scalar) and node.value is None and node.quoted:
        return None  # refused when it was read, and reported there
    if isinstance(node, Scalar) and ((node.value is None and not node.quoted) or not node.text.strip()):
        problems.append(
            error(
                "GW803", f"nothing is written behind `{fact.id}`", node.place, "leave the fact out, or write `unknown`"
            )
        )
        return None
    if isinstance(node, SequenceNode):
        found = _read_set(node, fact, problems)
        written = "[" + ", ".join(item.text for item in node.items if isinstance(item, Scalar)) + "]"
    elif isinstance(node, Scalar):
        if node.text.strip() == "unknown":
            return None
        found = _read_scalar(node, fact.type, as_of)
        written = " ".join(node.text.split())
    else:
        found, written = Trouble("GW803", "a value is a single value", "write `{value: …, source: …}`"), ""
    if found is None:
        return None
    if isinstance(found, Trouble):
        problems.append(error(found.code, f"`{fact.id}`: {found.message}", node.place, found.help))
        return None
    values, said = found
    return Entry(values, written, said, about.get("source"), about.get("on"), about.get("note"), node.place)


Found = tuple[ValueSet, str | None]


def _read_set(node: SequenceNode, fact: Fact, problems: Problems) -> Found | Trouble | None:
    if not isinstance(fact.type, ChoicesType):
        return Trouble("GW803", "a list is no single value", "sources that disagree are written `one_of: [a, b]`")
    chosen: set[str] = set()
    sound = True
    for item in node.items:
        value = (
            read_value(item.text, fact.type)
            if isinstance(item, Scalar)
            else Trouble("GW803", "a list of values holds single values")
        )
        imprecise = {option.id for option in fact.type.options if option.may_be}
        if isinstance(value, str) and value in imprecise:
            # In a set it could stand for any of several sets; written alone it is one of its values.
            value = Trouble("GW803", f"the imprecise value `{value}` cannot stand in a list", "write it alone")
        if isinstance(value, Trouble):
            problems.append(error(value.code, f"`{fact.id}`: {value.message}", item.place, value.help))
            sound = False
        else:
            assert isinstance(value, str)
            chosen.add(value)
    return (of(frozenset(chosen)), None) if sound else None


def _read_scalar(node: Scalar, kind: FactType, as_of: date) -> Found | Trouble:
    written = node.text.strip()
    if isinstance(kind, TextType):
        return ValueSet(values=frozenset({" ".join(written.split())})), None
    if (
        isinstance(kind, ChoiceType | ChoicesType)
        and (option := next((o for o in kind.options if o.id == written), None)) is not None
    ):
        allowed = option.may_be or (option.id,)
        if isinstance(kind, ChoiceType):
            return ValueSet(values=frozenset(allowed)), option.id if option.may_be else None
        return of(*(frozenset({value}) for value in allowed)), option.id if option.may_be else None
    if written == "none":
        return NONE, None
    run = read_span(written, kind)
    if isinstance(run, Trouble):
        return run
    if isinstance(kind, ChoiceType | ChoicesType):
        trouble = read_value(written, kind)
        assert isinstance(trouble, Trouble)
        return trouble
    if run is not None:
        return _within(run, kind, as_of, written)
    if isinstance(kind, DateType):
        days = read_days(written)
        return days if isinstance(days, Trouble) else _within(days, kind, as_of, written)
    value = read_value(written, kind, native_of(node))
    if isinstance(value, Trouble):
        return value
    trouble_with_range = outside_range(value, kind)
    return trouble_with_range if trouble_with_range is not None else (of(value), None)


def _within(run: Span, kind: FactType, as_of: date, written: str) -> Found | Trouble:
    """A bound, span or partial date, cut at the range of the fact and at the day of assessment."""
    values = intersection(of_spans([run]), whole(kind, as_of))
    if not is_empty(values):
        return values, None
    if isinstance(kind, DateType):
        return Trouble("GW805", f"`{written}` is after the day of assessment, {as_of.isoformat()}")
    assert isinstance(kind, IntegerType | QuantityType)
    return Trouble("GW911", f"`{written}` lies outside the range of this fact, {written_span(kind.range, kind)}")
