"""What the pages of an answer have in common: the words for what is known, for grades, for reasons and for days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from guidewright.document import Line, id_span, joined, said
from guidewright.document import Span as Run
from guidewright.engine.assessment import Assessment, RuleAnswer
from guidewright.engine.due import Due
from guidewright.engine.plan import Plan
from guidewright.engine.program import rows_with_ids
from guidewright.rules.conditions import Compare, Condition, Test, Within, facts_of, tests_of
from guidewright.rules.domains import listed, option_label, whole
from guidewright.rules.english import READ_AS, span_in_words, timing_in_words
from guidewright.rules.literals import read_span
from guidewright.rules.model import (
    BooleanType,
    ChoicesType,
    ChoiceType,
    FactType,
    Grade,
    Guideline,
    TextType,
    Timing,
)
from guidewright.rules.spoken import spoken
from guidewright.rules.values import Span

_REASONS = 3  # shown of a recommendation, unless everything is
_SHORT = 90  # characters of another rule's text, unless everything is shown


@dataclass(frozen=True, slots=True)
class Answer:
    """An assessment with the plan that it came from. `everything`: nothing is shortened or counted only.

    `chosen`: how the guideline was chosen, where nobody named it.
    """

    assessment: Assessment
    plan: Plan
    everything: bool = False
    chosen: str | None = None

    @property
    def guideline(self) -> Guideline:
        return self.plan.guideline


def label_of(fact: str, answer: Answer) -> str:
    found = answer.guideline.facts.get(fact)
    return found.label if found is not None else fact


def labels(facts: Iterable[str], answer: Answer) -> str:
    return "; ".join(label_of(fact, answer) for fact in facts)


NOT_RECORDED, NOT_KNOWN, NOT_APPLICABLE = "not recorded", "not known", "not applicable"


def what_is_known(fact: str, answer: Answer) -> str:
    """What is recorded or worked out about a fact, also where that leaves several values; `not known` where nothing
    narrows what was worked out, `not recorded` where there is neither.
    """
    recorded = answer.assessment.facts.get(fact)
    if recorded is not None:
        return recorded.words
    derived = answer.assessment.derived.get(fact)
    if derived is None:
        return NOT_RECORDED
    return derived.words if is_narrowed(fact, answer) else NOT_KNOWN


def is_narrowed(fact: str, answer: Answer) -> bool:
    """Whether what was worked out about a fact leaves out anything that it could be."""
    derived = answer.assessment.derived[fact]
    kind = answer.guideline.facts[fact].type
    anything = set(map(str, listed(whole(kind, answer.assessment.as_of), kind)))
    return not anything <= set(map(str, derived.may_be))


def how_missing(facts: Iterable[str], answer: Answer) -> str:
    """`not recorded` where nothing at all is known of these facts; else `not known`: something is, but not enough."""
    nothing = all(what_is_known(fact, answer) in (NOT_RECORDED, NOT_KNOWN) for fact in facts)
    return NOT_RECORDED if nothing else NOT_KNOWN


def recorded_in_words(fact: str, answer: Answer) -> list[str]:
    """What each source says about a fact: `6 months (radiology report)`."""
    kind = answer.guideline.facts[fact].type
    found: list[str] = []
    for entry in answer.assessment.facts[fact].recorded:
        said = _written_in_words(entry.value, kind)
        about = "; ".join(part for part in (entry.source, entry.on, entry.note) if part)
        found.append(f"{said} ({about})" if about else said)
    return found


def _written_in_words(value: str, kind: FactType) -> str:
    """What a record says, without the notation of bounds, spans and lists."""
    if isinstance(kind, TextType):
        return value
    if isinstance(kind, ChoiceType | ChoicesType):
        if option_label(kind, value) != value:
            return option_label(kind, value)
        if value.startswith("["):
            chosen = [part.strip() for part in value.strip("[]").split(",") if part.strip()]
            return ", ".join(option_label(kind, option) for option in chosen) or "none of them"
    if value == "none":
        return NOT_APPLICABLE
    if isinstance(kind, BooleanType):
        return {"true": "yes", "false": "no"}.get(value, value)
    run = read_span(value, kind)
    return span_in_words(run, kind) if isinstance(run, Span) else spoken(value)


def ids(names: Iterable[str]) -> Line:
    return joined([(id_span(name),) for name in names], said(" "))


def shortened(text: str, answer: Answer, limit: int = _SHORT) -> str:
    """A text of another rule where it is only mentioned: whole words of its beginning."""
    if answer.everything or len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:(") + " …"


def counted(number: int, one: str, several: str | None = None) -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


def day_in_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


# --- rules


def grades(rule: RuleAnswer, guideline: Guideline) -> str:
    """`strong · low certainty`, in the words of the guideline's grading."""
    strength = _grade(rule.strength, guideline.strengths)
    certainty = _grade(rule.certainty, guideline.certainties)
    return " · ".join(part for part in (strength, certainty and f"{certainty} certainty") if part)


def _grade(id: str | None, grades: tuple[Grade, ...]) -> str:
    label = next((grade.label for grade in grades if grade.id == id), id or "")
    return label[:1].lower() + label[1:]


def conditions_by_id(plan: Plan) -> Mapping[str, Condition]:
    """The condition of every rule and of every row with an id."""
    rows = {row.id: row.when for _, row in rows_with_ids(plan.program) if row.id is not None}
    return rows | {rule.id: rule.when for rule in plan.guideline.rules.values()}


def reasons(rule: RuleAnswer, when: Condition, answer: Answer) -> str:
    """Why a rule holds, with recorded values: `C-reactive protein: 42 mg/L (above 10 mg/L); earlier breast cancer`.

    Where there are many, some are only counted, but never one that rests on something missing.
    """
    words = dict(zip(answer.plan.tests, answer.plan.words, strict=True))
    decisive = [test for test in tests_of(when) if words[test] in rule.reasons or f"not {words[test]}" in rule.reasons]
    # Every patient of the guideline meets the condition under which it applies.
    everyone = facts_of(answer.guideline.applies)
    telling = [test for test in decisive if test.fact not in everyone] or decisive
    found = {_reason(test, words[test], rule, answer): _is_missing(test.fact, rule, answer) for test in telling}
    if answer.everything or len(found) <= _REASONS + 1:
        return "; ".join(found)
    missing = [reason for reason, is_missing in found.items() if is_missing]
    others = [reason for reason in found if reason not in missing]
    shown = [*missing, *others[: max(_REASONS - len(missing), 0)]]
    return "; ".join(shown) + (f"; and {len(found) - len(shown)} more" if len(shown) < len(found) else "")


def _reason(test: Test, words: str, rule: RuleAnswer, answer: Answer) -> str:
    # The words of a test begin with the label of its fact.
    label, rest = words[: len(label_of(test.fact, answer))], words[len(label_of(test.fact, answer)) :].strip()
    if test.fact not in answer.guideline.facts:
        return words
    if rule.facts.get(test.fact) is True:
        return label
    known = _known_by(test.fact, rule, answer)
    return f"{label}: {known} ({rest})" if isinstance(test.check, Compare | Within) else f"{label}: {known}"


def _known_by(fact: str, rule: RuleAnswer, answer: Answer) -> str:
    """What was known of a fact when the rule was decided. `none` is also an option that a choice may declare."""
    known = what_is_known(fact, answer)
    return NOT_APPLICABLE if known == NOT_RECORDED and rule.facts.get(fact) == "none" else known


def _is_missing(fact: str, rule: RuleAnswer, answer: Answer) -> bool:
    return fact in answer.guideline.facts and _known_by(fact, rule, answer) in (NOT_RECORDED, NOT_KNOWN)


def sources(statements: Iterable[str], answer: Answer, read_too: bool = False) -> list[Line]:
    """Located statements in our wording, each with where it stands; `read_too`: and what of the source was read."""
    found: list[Line] = []
    for name in statements:
        source_id, _, statement_id = name.rpartition(".")
        source = answer.guideline.sources[source_id]
        statement = source.statements[statement_id]
        where = ", ".join(part for part in (source.cite.rstrip("."), statement.at) if part)
        about = f" ({where}; {source.kind.replace('-', ' ')}{', ' + READ_AS[source.read] if read_too else ''})"
        found.append((*said(statement.says), Run(about, "dim"), *said(" "), id_span(name)))
    return found


# --- when


def due_in_words(rule: RuleAnswer, timing: Timing | None, answer: Answer) -> str | None:
    """The next dates; where they cannot be worked out, the rhythm and what is missing."""
    if rule.due:
        shown = rule.due if answer.everything else rule.due[:2]
        return "Due: " + ", then ".join(days_of(due, answer.assessment.as_of) for due in shown)
    if timing is None:
        return None
    known = what_is_known(timing.start, answer) if timing.start is not None else ""
    missing = f" ({known}, so no dates)" if known in (NOT_RECORDED, NOT_KNOWN) else ""
    return f"When: {timing_in_words(timing, answer.guideline.facts)}{missing}"


def days_of(due: Due, as_of: date) -> str:
    """`3 March 2021 to 3 April 2021 (overdue)`."""
    last = day_in_words(due.latest)
    days = last if due.earliest == due.latest else f"{day_in_words(due.earliest)} to {last}"
    return f"{days} (overdue)" if due.latest < as_of else days
