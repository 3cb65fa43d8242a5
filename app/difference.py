"""What a new version of a guideline changes, gathered: what its authors edited, what becomes of patients, and of cases
that are recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from guidewright.engine.comparing.derived_differences import known_otherwise
from guidewright.engine.comparing.differences import (
    Effect,
    Seen,
    Shift,
    Standing,
    What,
    boxes_of,
    compared,
    comparison_of,
    effect_of,
    ends_otherwise,
    standing_of,
)
from guidewright.engine.comparing.edits import Edit, edits
from guidewright.engine.plan import Plan
from guidewright.engine.program import Program, rows_with_ids
from guidewright.engine.reference import evaluate_naively
from guidewright.named_version import Version
from guidewright.rules.diagnostics import Diagnostic
from guidewright.rules.model import Guideline
from guidewright.rules.patient import PatientRead, load_patient


@dataclass(frozen=True, slots=True, repr=False)
class Ending:
    """How something ends for a recorded patient, before and after."""

    what: What
    id: str
    before: Standing
    after: Standing


@dataclass(frozen=True, slots=True, repr=False)
class RecordedCase:
    """A patient file under both versions. `refused`: the versions that cannot use it, with why."""

    file: str
    seen: Seen | None
    endings: tuple[Ending, ...]
    refused: tuple[tuple[str, tuple[Diagnostic, ...]], ...] = ()

    @property
    def is_otherwise(self) -> bool:
        """A patient file that neither version can use gets no other answer."""
        return bool(self.endings) or len(self.refused) == 1


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """`as_of`: the day on which the patients of `effects` are assessed. `cases` is nothing where none were named."""

    old: Version
    new: Version
    as_of: date
    edits: tuple[Edit, ...]
    effects: tuple[Effect, ...]
    cases: tuple[RecordedCase, ...] | None

    @property
    def before(self) -> Plan:
        return self.old.guideline.ready.plan

    @property
    def after(self) -> Plan:
        return self.new.guideline.ready.plan

    @property
    def recorded_otherwise(self) -> tuple[str, ...]:
        """The facts of which a record may say something else, or nothing any more: a version may not be able to use a
        record of the other, of which nothing is proved.
        """
        facts = [edit for edit in self.edits if edit.thing == "fact"]
        return tuple(e.id for e in facts if e.how == "removed" or any(field.name == "type" for field in e.fields))

    @property
    def changes_for_patients(self) -> bool | None:
        """Whether some patient gets another answer; `None` where that is not decided."""
        if self.recorded_otherwise or any(effect.verdict == "changed" for effect in self.effects):
            return True
        if any(case.is_otherwise for case in self.cases or ()):
            return True
        return None if any(effect.verdict == "undecided" for effect in self.effects) else False


def difference_of(
    old: Version, new: Version, as_of: date, patients: Iterable[Path] | None, told: Callable[[int, int], None]
) -> Difference:
    """Everything that differs. `told` hears how many of how many are done. Raises `ProverMissing`."""
    before, after = old.guideline.ready.plan, new.guideline.ready.plan
    edited = edits(before, after)
    cases = None if patients is None else tuple(_case(path, before, after, as_of, edited) for path in patients)
    found = () if before.guideline.digest == after.guideline.digest else _effects(before, after, as_of, edited, told)
    return Difference(old, new, as_of, edited, tuple(found), cases)


def _effects(
    before: Plan, after: Plan, as_of: date, edited: tuple[Edit, ...], told: Callable[[int, int], None]
) -> Iterator[Effect]:
    comparison = comparison_of(before.program, after.program, as_of)
    every = compared(comparison)
    steps = len(every) + 1
    for number, (what, id) in enumerate(every):
        told(number, steps)
        yield effect_of(what, id, comparison, says_otherwise(what, id, edited))
    told(len(every), steps)
    yield from _facts(before, after, as_of, edited)
    told(steps, steps)


def _facts(before: Plan, after: Plan, as_of: date, edited: tuple[Edit, ...]) -> Iterator[Effect]:
    """The facts that are known otherwise, also where no rule tests them; and those that are asked for by another
    parameter, of which it cannot be said what is answered.
    """
    found: set[str] = set()
    for id, known in known_otherwise(before.program, after.program, as_of):
        found.add(id)
        ends, ends_now = (_has(id, plan) for plan in (before, after))
        yield Effect("fact", id, (Shift(ends, ends_now, None if known == "undecided" else known),))
    for id in after.guideline.facts:
        if id not in found and says_otherwise("fact", id, edited):
            yield Effect("fact", id, (Shift("known", "known", None),))


def _has(fact: str, plan: Plan) -> Standing:
    return "known" if fact in plan.guideline.facts else "absent"


def says_otherwise(what: What, id: str, edited: tuple[Edit, ...]) -> bool:
    """Whether whoever gets it is told to do something else."""
    return any(field.sort == "says" for edit in edited if (edit.thing, edit.id) == (what, id) for field in edit.fields)


# --- recorded cases


def _case(path: Path, before: Plan, after: Plan, today: date, edited: tuple[Edit, ...]) -> RecordedCase:
    read = _read(path, before.guideline, after.guideline, today)
    read_now = _read(path, after.guideline, before.guideline, today)
    if read.patient is None or read_now.patient is None:
        both: tuple[tuple[str, PatientRead], ...] = (("old", read), ("new", read_now))
        refused = tuple((name, found.diagnostics) for name, found in both if found.patient is None)
        return RecordedCase(path.name, None, (), refused)
    outcomes = evaluate_naively(before.program, read.patient), evaluate_naively(after.program, read_now.patient)
    endings = [
        Ending("fact", fact.id, "known", "known")
        for fact in after.program.facts
        if fact.derivation is not None
        and fact.id in before.guideline.facts
        and outcomes[0].facts[fact.id].values != outcomes[1].facts[fact.id].values
    ]
    for what, id in _everything(before.program, after.program):
        ends = standing_of(what, id, outcomes[0], before.program)
        ends_now = standing_of(what, id, outcomes[1], after.program)
        if ends_otherwise(ends, ends_now, says_otherwise(what, id, edited)):
            endings.append(Ending(what, id, ends, ends_now))
    return RecordedCase(path.name, Seen({}, read.patient, read_now.patient, *outcomes), tuple(endings))


def _read(path: Path, guideline: Guideline, other: Guideline, today: date) -> PatientRead:
    """The patient as one version reads the file, without the facts that only the other version knows."""
    both = replace(guideline, facts={**other.facts, **guideline.facts})
    read = load_patient(path, both, today)
    if read.patient is None:
        return read
    records = {id: record for id, record in read.patient.records.items() if id in guideline.facts}
    return replace(read, patient=replace(read.patient, records=records))


def _everything(old: Program, new: Program) -> Iterator[tuple[What, str]]:
    programs = (new, old)
    rows = [row.id for program in programs for _, row in rows_with_ids(program) if row.id is not None]
    yield from (("row", id) for id in dict.fromkeys(rows))
    yield from (("rule", id) for id in dict.fromkeys(id for program in programs for id in program.guideline.rules))
    yield from (("argument", id) for id in dict.fromkeys(a.id for program in programs for a in program.arguments))
    yield from (("box", id) for id in dict.fromkeys(id for program in programs for id in boxes_of(program)))
