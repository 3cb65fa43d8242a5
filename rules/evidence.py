"""Reading what grades and supports a rule, a row, an argument or a parameter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.model import Evidence, Source
from guidewright.rules.reading import Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, flag, names, text

EVIDENCE_KEYS = ("strength", "certainty", "because", "although", "expert")


@dataclass(frozen=True, slots=True)
class Grading:
    """The grades that a guideline defines, highest first, and its sources. `None` for what could not be read, so that
    what names it is not reported once more; `unread` are single sources of which this is true.
    """

    strengths: tuple[str, ...] | None
    certainties: tuple[str, ...] | None
    sources: Mapping[str, Source] | None
    unread: Collection[str] = ()


def read_evidence(
    got: Fields, what: str, place: Place, grading: Grading, problems: Problems, required: bool
) -> Evidence:
    """Strength, certainty and statements. `required`: without a statement and without `expert: true` it is an error."""
    because = _statements(got, "because", grading, problems)
    although = _statements(got, "although", grading, problems)
    expert = flag(got.get("expert"), "`expert`", problems)
    for statement, place_against in although.items():
        if statement in because:
            message = f"`{statement}` cannot stand for and against {what}"
            problems.append(error("GW603", message, place_against, related=(("for it", because[statement]),)))
    if required and not is_supported(got):
        help = "name the statements that support it, `because: [source.STATEMENT]`, or say `expert: true`"
        problems.append(error("GW401", f"nothing supports {what}", place, help))
    return Evidence(
        strength=_grade(got, "strength", grading.strengths, problems),
        certainty=_grade(got, "certainty", grading.certainties, problems),
        because=tuple(because),
        although=tuple(although),
        expert=expert,
    )


def is_supported(got: Fields) -> bool:
    """Whether anything is named that supports it, be it rightly or wrongly."""
    because, expert = got.get("because"), got.get("expert")
    if expert is not None and not (isinstance(expert, Scalar) and expert.value is False):
        return True
    return because is not None and not (isinstance(because, Sequence) and not because.items)


def _grade(got: Fields, name: str, grades: tuple[str, ...] | None, problems: Problems) -> str | None:
    written = text(got.get(name), f"`{name}`", problems)
    if written is None or grades is None or written in grades:
        return written
    all_of_them = "its grades are " + ", ".join(f"`{g}`" for g in grades)
    help = suggest(written, grades) or (all_of_them if grades else f"define it under `grading: {{{name}: …}}`")
    problems.append(error("GW402", f"`{written}` is no {name} of this guideline's grading", got[name].place, help))
    return None


def _statements(got: Fields, key: str, grading: Grading, problems: Problems) -> dict[str, Place]:
    """The statements that exist, with the places where they are named."""
    found: dict[str, Place] = {}
    for name, place in names(got.get(key), f"`{key}`", problems):
        source, _, statement = name.rpartition(".")
        if grading.sources is None or source in grading.unread or name in grading.unread:
            continue
        known = grading.sources.get(source)
        if known is not None and statement in known.statements:
            found[name] = place
        elif known is not None:
            help = suggest(name, [f"{source}.{id}" for id in known.statements]) or _its_statements(known)
            problems.append(error("GW602", f"the source `{source}` has no statement `{statement}`", place, help))
        elif name in grading.sources:
            help = _its_statements(grading.sources[name])
            problems.append(error("GW602", f"`{name}` is a source; name a statement in it", place, help))
        else:
            statements = [f"{s.id}.{k}" for s in grading.sources.values() for k in s.statements]
            help = suggest(name, statements) or "a statement is written `source.STATEMENT`"
            problems.append(error("GW601", f"there is no source `{source or name}`", place, help))
    return found


def _its_statements(source: Source) -> str | None:
    listed = [f"`{source.id}.{id}`" for id in list(source.statements)[:6]]
    more = ", …" if len(source.statements) > 6 else ""
    return f"its statements are {', '.join(listed)}{more}" if listed else None
