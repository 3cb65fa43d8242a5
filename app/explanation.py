"""One rule, row, argument or fact explained in full: every test with what is known of it, what would settle it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guidewright.answer_rules import KINDS, failed
from guidewright.answer_words import (
    NOT_APPLICABLE,
    NOT_RECORDED,
    Answer,
    counted,
    day_in_words,
    due_in_words,
    grades,
    ids,
    is_narrowed,
    label_of,
    labels,
    recorded_in_words,
    sources,
)
from guidewright.document import (
    MINUS,
    Block,
    Document,
    Heading,
    Item,
    Line,
    Paragraph,
    Span,
    Style,
    id_span,
    said,
    signed,
)
from guidewright.engine.assessment import NOTICE, RuleAnswer
from guidewright.engine.checks import truth_of
from guidewright.engine.known import Known, is_settled
from guidewright.engine.needs import Needs, argument_needs, facts_to_ask
from guidewright.engine.outcome import Outcome, Status
from guidewright.engine.plan import Plan, truths_of
from guidewright.engine.program import rows_with_ids
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import AllOf, AnyOf, Condition, Not, Test, facts_of
from guidewright.rules.english import set_in_words
from guidewright.rules.model import Argument, Candidate, Evidence, Fact, Rule, Weighing
from guidewright.rules.units import show_number
from guidewright.rules.values import NONE

STATUS: dict[Status, tuple[str, Style]] = {
    "fired": ("It holds", "go"),
    "open": ("It cannot be said yet", "maybe"),
    "not_fired": ("It does not hold", "stop"),
    "overridden": ("It is replaced by something else", "alert"),
}
_MARKS: dict[Truth, tuple[str, Style]] = {True: ("✓", "go"), False: ("✗", "stop"), None: ("?", "maybe")}


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer with what the engine found out about every fact."""

    answer: Answer
    outcome: Outcome

    def truth(self, condition: Condition) -> Truth:
        return truth_of(condition, self.outcome.facts.__getitem__, self.answer.plan.program.kinds.__getitem__)


def ids_of(plan: Plan) -> tuple[str, ...]:
    """Every id that can be explained: of rules, rows and arguments."""
    return tuple(plan.when)


def explanation_page(id: str, explained: Explained) -> Document:
    """The page of a rule, a row or an argument (the id is one of `ids_of`), or of a fact."""
    answer = explained.answer
    if id not in answer.plan.when:
        blocks = _fact(answer.guideline.facts[id], explained)
    elif id in answer.guideline.rules:
        blocks = _rule(answer.guideline.rules[id], answer.assessment.rules[id], explained)
    elif id in answer.assessment.rules:
        blocks = _row(answer.assessment.rules[id], explained)
    else:
        blocks = _argument(id, explained)
    return (*blocks, Paragraph(said("")), Paragraph(said(NOTICE, "dim")))


def heading_of(id: str, answer: Answer) -> Iterator[Block]:
    """The title of the page of a rule, a row or an argument, with its id."""
    rule = answer.assessment.rules.get(id)
    yield Heading(1, said(rule.text if rule is not None else _place_of(id, answer)[2].says))
    yield Paragraph((id_span(id),))


def about_patient(answer: Answer) -> Iterator[Block]:
    """Whose record it is, of which day, by which guideline."""
    a = answer.assessment
    who = (Span(a.patient, keep=True),) if a.patient is not None else said("without an id")
    about = f", as of {day_in_words(a.as_of)}; {a.title}, version {a.version}, {a.status}"
    yield Paragraph((Span("Patient ", "dim"), *who, Span(about, "dim")))
    if answer.chosen is not None:
        yield Paragraph(said(answer.chosen, "dim"))


# --- rules


def _rule(rule: Rule, found: RuleAnswer, explained: Explained) -> Iterator[Block]:
    answer = explained.answer
    stage = next((stage.title for stage in answer.guideline.stages if stage.id == rule.stage), rule.stage)
    box = f", box {found.box}" if found.box is not None else ""
    yield Heading(1, said(rule.text))
    about = " · ".join(part for part in (KINDS[rule.kind].title, grades(found, answer.guideline)) if part)
    yield Paragraph((*said(f"{about} · "), id_span(rule.id)))
    yield Paragraph(said(f"Page: {stage}{box}", "dim"))
    yield from about_patient(answer)
    yield from _status(found, explained)
    yield from _tests(rule.when, rule.unless, explained)
    yield from _settling(found.needs, answer)
    yield from _assumptions(found, answer)
    yield from _replacing(rule, explained)
    yield from _evidence(rule.evidence, found.disputed, answer)
    yield from _remarks(rule, found, answer)


def _status(found: RuleAnswer, explained: Explained) -> Iterator[Block]:
    answer = explained.answer
    words, style = STATUS[found.status]
    marks = ["needs a clinician's signature"] if found.signoff else []
    marks += ["disputed"] if found.disputed else []
    yield Heading(2, said(words, style))
    if marks:
        yield Paragraph(said("; ".join(marks).capitalize() + ".", "alert"))
    if answer.assessment.applies is not True:
        words = "Only if the guideline applies" if answer.assessment.applies is None else "The guideline does not apply"
        yield Paragraph(said(f"{words}: it is meant for {answer.assessment.applies_if}.", "alert"))
    for other in found.overridden_by:
        text = answer.assessment.rules[other].text
        yield Paragraph((Span("Replaced by: ", "alert"), *said(f"{text} "), id_span(other)))
    for failure in found.failed:
        yield Paragraph(failed(failure, answer))


def _tests(when: Condition, unless: Condition | None, explained: Explained) -> Iterator[Block]:
    """The conditions, test by test, each with its truth and with what is known of its fact."""
    yield Heading(3, said("What it asks"))
    yield from _tree(when, explained, 0)
    if unless is not None:
        yield Heading(3, said("It is stopped where"))
        yield from _tree(unless, explained, 0)


def _tree(condition: Condition, explained: Explained, depth: int) -> Iterator[Block]:
    marker, style = _MARKS[explained.truth(condition)]
    match condition:
        case AllOf(()):
            yield Item(said("Always"), marker=marker, style=style, depth=depth)
        case Test():
            record = (Span(" · ", "dim"), *_record(condition.fact, explained))
            yield Item((*_test(condition, explained), *record), marker=marker, style=style, depth=depth)
        case Not(part):
            yield Item(said("Not so:"), marker=marker, style=style, depth=depth)
            yield from _tree(part, explained, depth + 1)
        case AllOf(parts) if depth == 0:
            for part in parts:
                yield from _tree(part, explained, 0)
        case AllOf(parts) | AnyOf(parts):
            words = "All of these:" if isinstance(condition, AllOf) else "Any of these:"
            yield Item(said(words), marker=marker, style=style, depth=depth)
            for part in parts:
                yield from _tree(part, explained, depth + 1)


def _test(test: Test, explained: Explained) -> Line:
    words = dict(zip(explained.answer.plan.tests, explained.answer.plan.words, strict=True))[test]
    return said(words[:1].upper() + words[1:])


def _record(fact: str, explained: Explained) -> Line:
    """What is recorded of a fact, with its sources, or worked out, and what stood in the way."""
    answer, known = explained.answer, explained.outcome.facts[fact]
    if fact in answer.assessment.facts:
        words = f"recorded: {'; '.join(recorded_in_words(fact, answer))}"
    else:
        words = _how_known(fact, known, answer)
    problem = (Span(f" ({known.problem})", "alert"),) if known.problem is not None else ()
    return (Span(words, "dim"), *problem)


def _how_known(fact: str, known: Known, answer: Answer) -> str:
    if fact not in answer.guideline.facts:
        if not is_settled(known):
            return "not settled by the arguments yet"
        return f"worked out: {set_in_words(known.values, answer.plan.program.kinds[fact])}"
    derived = answer.assessment.derived.get(fact)
    if derived is None:
        return NOT_APPLICABLE if known.values == NONE else NOT_RECORDED
    if not is_narrowed(fact, answer):
        return "not known: it follows from other facts"
    return f"worked out: {derived.words}" + (f", by {derived.by}" if derived.by is not None else "")


def _settling(needs: tuple[str, ...], answer: Answer) -> Iterator[Block]:
    if not needs:
        return
    yield Heading(2, said("What would settle it"))
    for fact in needs:
        yield Item((*said(_question(fact, answer) + " "), Span(f"({fact})", "dim", keep=True)))


def _question(fact: str, answer: Answer) -> str:
    known = answer.guideline.facts.get(fact)
    return known.question if known is not None and known.question else f"{label_of(fact, answer)}?"


def _assumptions(found: RuleAnswer, answer: Answer) -> Iterator[Block]:
    if not found.assuming and not found.provided:
        return
    yield Heading(2, said("What it rests on"))
    for assumption in found.assuming:
        below = ((Span("Needs: ", "dim"), *said(labels(assumption.needs, answer))),)
        yield Item((Span("Taken not to be so: ", "dim"), *said(assumption.unless)), below)
    for proviso in found.provided:
        other = (*said(f"{answer.assessment.rules[proviso.rule].text} "), id_span(proviso.rule))
        below = ((Span("Needs: ", "dim"), *said(labels(proviso.needs, answer))),)
        yield Item((Span("Provided that this turns out not to hold: ", "dim"), *other), below)


def _replacing(rule: Rule, explained: Explained) -> Iterator[Block]:
    """The rules that may take the place of this one, and those whose place it may take."""
    by = explained.answer.plan.program.replaced_by
    for title, names in (
        ("What may replace it", by[rule.id]),
        ("What it replaces where it holds", tuple(id for id, others in by.items() if rule.id in others)),
    ):
        if names:
            yield Heading(2, said(title))
        statuses = {name: explained.answer.assessment.rules[name].status for name in names}
        for name in sorted(names, key=lambda name: list(STATUS).index(statuses[name])):
            other = explained.answer.assessment.rules[name]
            words, style = STATUS[other.status]
            yield Item((*said(f"{other.text} "), Span(f"({words.lower()}) ", style), id_span(name)))


def _evidence(evidence: Evidence, disputed: bool, answer: Answer) -> Iterator[Block]:
    yield Heading(2, said("Sources"))
    if disputed:
        yield Paragraph(said("Disputed: guidelines or consensus stand on both sides.", "alert"))
    if evidence.expert:
        yield Item(said("Expert opinion"), marker="+", style="go")
    for line in sources(evidence.because, answer, read_too=True):
        yield Item(line, marker="+", style="go")
    for line in sources(evidence.although, answer, read_too=True):
        yield Item(line, marker=MINUS, style="stop")
    if not (evidence.expert or evidence.because or evidence.although):
        yield Paragraph(said("It names no source of its own."))


def _remarks(rule: Rule, found: RuleAnswer, answer: Answer) -> Iterator[Block]:
    due = due_in_words(found, rule.timing, answer)
    actions = answer.guideline.actions
    remarks = [
        ("Except: ", rule.except_),
        ("Note: ", rule.note),
        ("Does: ", "; ".join(actions[action].label for action in rule.acts)),
        ("Forbids: ", "; ".join(actions[action].label for action in rule.stops)),
        ("", due),
    ]
    if any(text for _, text in remarks):
        yield Heading(2, said("Also"))
    for label, text in remarks:
        if text:
            yield Item((Span(label, "dim"), *said(text)))


# --- facts


def _fact(fact: Fact, explained: Explained) -> Iterator[Block]:
    """What is known of a fact, and what of the guideline tests it."""
    answer, plan = explained.answer, explained.answer.plan
    yield Heading(1, said(fact.label))
    yield Paragraph((*said("A fact, not a rule · "), Span(f"({fact.id})", "dim", keep=True)))
    if fact.question is not None:
        yield Paragraph(said(fact.question, "dim"))
    yield from about_patient(answer)
    yield Heading(2, said("What is known of it"))
    yield Item(_record(fact.id, explained))
    for conflict in answer.assessment.conflicts:
        if conflict.about == fact.id:
            yield Item(said("The record contradicts itself here: see evaluate", "alert"), marker="!", style="alert")
    if fact.only_if is not None:
        yield Heading(3, said("It applies only if"))
        yield from _tree(fact.only_if, explained, 0)
    state = Needs(plan, explained.outcome.facts, truths_of(plan, explained.outcome.facts))
    asked = facts_to_ask(fact.id, state)
    yield from _settling(() if asked == (fact.id,) else asked, answer)
    testing = list(_testing(fact.id, plan))
    if testing:
        yield Heading(2, said("What tests it"))
        yield Paragraph(ids(testing))


def _testing(fact: str, plan: Plan) -> Iterator[str]:
    """The ids of the rules, rows and arguments that test a fact."""
    tested = [(rule.id, rule.when, rule.unless) for rule in plan.program.rules]
    tested += [(argument.id, argument.when, argument.unless) for argument in plan.program.arguments]
    for id, when, unless in tested:
        if fact in facts_of(when) or (unless is not None and fact in facts_of(unless)):
            yield id
    for _, row in rows_with_ids(plan.program):
        if row.id is not None and fact in facts_of(row.when):
            yield row.id


# --- rows and arguments


def _row(found: RuleAnswer, explained: Explained) -> Iterator[Block]:
    answer = explained.answer
    fact, row = next((fact, row) for fact, row in rows_with_ids(answer.plan.program) if row.id == found.id)
    yield Heading(1, said(found.text))
    about = " · ".join(part for part in ("Row of a table of facts", grades(found, answer.guideline)) if part)
    yield Paragraph((*said(f"{about} · "), id_span(found.id)))
    yield Paragraph((Span("Works out: ", "dim"), *said(f"{fact.label} "), Span(f"({fact.id})", "dim", keep=True)))
    yield from about_patient(answer)
    yield from _status(found, explained)
    yield from _tests(row.when, None, explained)
    earlier = answer.plan.rows[fact.id].index(answer.plan.when[found.id])
    if earlier and row.points is None:
        yield Paragraph(said(f"It is reached only where none of the {counted(earlier, 'row')} before it holds.", "dim"))
    yield from _settling(found.needs, answer)
    yield from _evidence(row.evidence or Evidence(), found.disputed, answer)


def _argument(id: str, explained: Explained) -> Iterator[Block]:
    answer = explained.answer
    weighing, candidate, argument = _place_of(id, answer)
    truth = explained.outcome.arguments[id]
    words, style = STATUS[{True: "fired", False: "not_fired", None: "open"}[truth]]  # type: ignore[index]
    yield Heading(1, said(argument.says))
    yield Paragraph((*said(f"{_direction(argument)}: {candidate.label} · "), id_span(id)))
    yield Paragraph((Span("Weighed: ", "dim"), *said(weighing.question)))
    yield from about_patient(answer)
    yield Heading(2, said(words, style))
    yield from _tests(argument.when, argument.unless, explained)
    if truth is None:
        state = Needs(answer.plan, explained.outcome.facts, truths_of(answer.plan, explained.outcome.facts))
        yield from _settling(argument_needs(id, state), answer)
    yield from _evidence(argument.evidence, False, answer)


def _place_of(id: str, answer: Answer) -> tuple[Weighing, Candidate, Argument]:
    return next(
        (weighing, candidate, argument)
        for weighing in answer.guideline.weighings.values()
        for candidate in weighing.candidates
        for argument in candidate.arguments
        if argument.id == id
    )


def _direction(argument: Argument) -> str:
    if argument.confirms:
        return "Confirms"
    if argument.excludes:
        return "Excludes"
    weight = signed(show_number(argument.weight))
    return f"Speaks {'for' if argument.weight > 0 else 'against'} ({weight})"
