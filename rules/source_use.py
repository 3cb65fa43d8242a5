"""What rests on the statements of the sources: rules, rows, arguments and parameters, for or against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from guidewright.rules.model import Evidence, Guideline, Score, Source, Table

UseKind = Literal["rule", "row", "argument", "parameter"]
USE_KINDS: tuple[UseKind, ...] = ("rule", "row", "argument", "parameter")


@dataclass(frozen=True, slots=True)
class Use:
    """Something that names a statement: in its support (`because`), or as what speaks `against` it (`although`).

    A row without an id is called by its fact and its number, from 1: `score.total[2]`.
    """

    kind: UseKind
    id: str
    text: str
    against: bool


Uses = Mapping[str, tuple[Use, ...]]


def uses_of(guideline: Guideline) -> Uses:
    """For every statement of the guideline, as `source.STATEMENT`, what names it; nothing for one that is not used."""
    found: dict[str, list[Use]] = {
        f"{source.id}.{id}": [] for source in guideline.sources.values() for id in source.statements
    }
    for kind, id, text, evidence in _graded(guideline):
        for names, against in ((evidence.because, False), (evidence.although, True)):
            for name in names:
                found[name].append(Use(kind, id, text, against))
    return {name: tuple(uses) for name, uses in found.items()}


def _graded(guideline: Guideline) -> Iterator[tuple[UseKind, str, str, Evidence]]:
    """Everything that may name statements."""
    for rule in guideline.rules.values():
        yield "rule", rule.id, rule.text, rule.evidence
    for fact in guideline.facts.values():
        match fact.derivation:
            case Table(rows, otherwise):
                every = (*rows, otherwise)
            case Score(rows):
                every = rows
            case _:
                continue
        for number, row in enumerate(every, 1):
            if row is not None and row.evidence is not None:
                yield "row", row.id or f"{fact.id}[{number}]", row.text or fact.label, row.evidence
    for weighing in guideline.weighings.values():
        for candidate in weighing.candidates:
            for argument in candidate.arguments:
                yield "argument", argument.id, f"{candidate.label}: {argument.says}", argument.evidence
    for parameter in guideline.parameters.values():
        yield "parameter", parameter.id, parameter.label, parameter.evidence


def uses_of_source(source: Source, uses: Uses) -> tuple[Use, ...]:
    """What rests on any statement of a source, or has one against it: each once, by kind and id."""
    every = {use for id in source.statements for use in uses[f"{source.id}.{id}"]}
    return tuple(sorted(every, key=lambda use: (USE_KINDS.index(use.kind), use.id, use.against)))


def unused(sources: Iterable[Source], uses: Uses) -> tuple[str, ...]:
    """The statements, as `source.STATEMENT`, that nothing names."""
    return tuple(f"{source.id}.{id}" for source in sources for id in source.statements if not uses[f"{source.id}.{id}"])
