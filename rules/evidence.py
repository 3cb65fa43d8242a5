"""Reading what grades and supports a rule, a row, an argument or a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.model import Evidence, Source
from guidewright.rules.shape import Fields, Problems, flag, names, text

EVIDENCE_KEYS = ("strength", "certainty", "because", "although", "expert")


@dataclass(frozen=True, slots=True)
class Grading:
    """The grades that a guideline defines, highest first, and its sources."""

    strengths: tuple[str, ...]
    certainties: tuple[str, ...]
    sources: Mapping[str, Source]


def read_evidence(
    got: Fields, what: str, place: Place, grading: Grading, problems: Problems, required: bool
) -> Evidence:
    """Strength, certainty and statements. `required`: without a statement and without `expert: true` it is an error."""
    because = _statements(got, "because", grading, problems)
    although = _statements(got, "although", grading, problems)
    expert = flag(got.get("expert"), "`expert`", problems)
    for statement in although:
        if statement in because:
            problems.append(
                error("GW603", f"`{statement}` cannot stand for and against the same", got["although"].place)
            )
    if required and not because and not expert and "because" not in got:
        help = "name the statements that support it, `because: [source.STATEMENT]`, or say `expert: true`"
        problems.append(error("GW401", f"nothing supports {what}", place, help))
    return Evidence(
        strength=_grade(got, "strength", grading.strengths, problems),
        certainty=_grade(got, "certainty", grading.certainties, problems),
        because=because,
        although=although,
        expert=expert,
    )


def _grade(got: Fields, name: str, grades: tuple[str, ...], problems: Problems) -> str | None:
    written = text(got.get(name), f"`{name}`", problems)
    if written is None or written in grades:
        return written
    all_of_them = "its grades are " + ", ".join(f"`{g}`" for g in grades)
    help = suggest(written, grades) or (all_of_them if grades else f"define it under `grading: {{{name}: …}}`")
    problems.append(error("GW402", f"`{written}` is no {name} of this guideline's grading", got[name].place, help))
    return None


def _statements(got: Fields, key: str, grading: Grading, problems: Problems) -> tuple[str, ...]:
    found: list[str] = []
    for name, place in names(got.get(key), f"`{key}`", problems):
        source, _, statement = name.rpartition(".")
        known = grading.sources.get(source)
        if known is None:
            statements = [f"{s.id}.{k}" for s in grading.sources.values() for k in s.statements]
            help = suggest(name, statements) or "a statement is written `source.STATEMENT`"
            problems.append(error("GW601", f"there is no source `{source or name}`", place, help))
        elif statement not in known.statements:
            problems.append(
                error(
                    "GW602",
                    f"the source `{source}` has no statement `{statement}`",
                    place,
                    suggest(statement, known.statements),
                )
            )
        else:
            found.append(name)
    return tuple(found)
