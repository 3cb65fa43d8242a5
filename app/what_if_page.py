"""What would change the answer about one rule, row or argument: the smallest changes, and what settles it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from guidewright.answer_words import NOT_KNOWN, NOT_RECORDED, Answer, counted, what_is_known
from guidewright.document import Block, Document, Heading, Item, Line, Paragraph, Span, joined, said
from guidewright.engine.assessment import NOTICE
from guidewright.engine.comparing.what_if import MOST_CHANGES, MOST_PROPOSALS, Change, Proposal, Settling, WhatIf
from guidewright.engine.outcome import Status
from guidewright.explanation import STATUS, about_patient, heading_of
from guidewright.rules.domains import option_label
from guidewright.rules.english import set_in_words
from guidewright.rules.model import ChoicesType, ChoiceType
from guidewright.rules.values import ValueSet

_MOST_EXAMPLES = 3
_THEN: dict[Status, str] = {
    "fired": "it holds",
    "not_fired": "it does not hold",
    "overridden": "it is replaced by something else",
    "open": "it still cannot be said",
}


def what_if_page(found: WhatIf, answer: Answer) -> Document:
    """The page of a rule, a row with an id or an argument."""
    words, style = STATUS[found.status]
    return (
        *heading_of(found.id, answer),
        *about_patient(answer),
        Heading(2, said(words, style)),
        *_changes(found, answer),
        *_settling(found, answer),
        Paragraph(said("")),
        Paragraph(said(NOTICE, "dim")),
    )


# --- the smallest changes


def _changes(found: WhatIf, answer: Answer) -> Iterator[Block]:
    yield Heading(2, said("What would stop it" if found.stops else "What would make it hold"))
    what = "stop it" if found.stops else "make it hold"
    match found.verdict:
        case "impossible":
            yield Paragraph(
                said(f"Nothing: no change of what is still open or can change would {what}. This is proved.")
            )
        case "more":
            yield Paragraph(
                said(f"No change of up to {MOST_CHANGES} facts would {what} (proved); more were not looked for.")
            )
        case "undecided":
            yield Paragraph(said(f"Not decided: no change that would {what} was found, nor proved that there is none."))
        case "found":
            yield Paragraph(said(_how_many(found), "dim"))
            for number, proposal in enumerate(found.proposals, 1):
                marker = f"{number}." if len(found.proposals) > 1 else "•"
                then = (said(f"Then {_THEN[proposal.status]}.", "dim"),) if found.stops else ()
                yield Item(_proposal(proposal, answer), then, marker=marker)
    kept = "What cannot change any more keeps what is known of it; nothing is taken out of the record."
    yield Paragraph(said(kept, "dim"))


def _how_many(found: WhatIf) -> str:
    count = len(found.proposals[0].changes)
    facts = "One fact" if count == 1 else f"{count} facts together"
    each = ", in any of these ways" if len(found.proposals) > 1 else ""
    least = "Fewer do not: this is proved." if found.is_smallest else "Whether fewer do could not be decided."
    if found.is_smallest and count == 1:
        least = ""
    others = " There may be other ways than these." if len(found.proposals) == MOST_PROPOSALS else ""
    return f"{facts} would do it{each}.{others} {least}".rstrip()


def _proposal(proposal: Proposal, answer: Answer) -> Line:
    return joined([_change(change, answer) for change in proposal.changes], said("; and "))


def _change(change: Change, answer: Answer) -> Line:
    fact = answer.guideline.facts[change.fact]
    now = what_is_known(change.fact, answer)
    now = f"now {now}" if now in (NOT_RECORDED, NOT_KNOWN) else f"now: {now}"
    label = fact.label[:1].upper() + fact.label[1:]
    becomes = Span(_becomes(change, answer), "strong")
    return (Span(f"{label}: "), becomes, Span(f" ({now}) ", "dim"), Span(f"({fact.id})", "dim", keep=True))


def _becomes(change: Change, answer: Answer) -> str:
    kind = answer.guideline.facts[change.fact].type
    if change.said is not None and isinstance(kind, ChoiceType | ChoicesType):
        return option_label(kind, change.said)
    if change.written == "recorded":
        return "recorded, whatever it says"
    return _values(change.values, change.fact, answer)


# --- facts that settle it alone


def _settling(found: WhatIf, answer: Answer) -> Iterator[Block]:
    if found.status != "open":
        return
    yield Heading(2, said("What would settle it alone"))
    if not found.alone:
        yield Paragraph(said("No single fact was found that would."))
    if found.not_looked_at:
        facts = counted(found.not_looked_at, "fact was", "facts were")
        yield Paragraph(said(f"Not finished: {facts} not looked at, since time ended.", "alert"))
    for always, title in ((True, "Whatever is found"), (False, "Depending on what is found")):
        settling = [one for one in found.alone if one.always is always]
        if settling:
            yield Heading(3, said(title))
        for one in settling:
            yield Item(_question(one, answer), tuple(_outcomes(one, answer)))


def _question(settling: Settling, answer: Answer) -> Line:
    fact = answer.guideline.facts[settling.fact]
    return (*said(f"{fact.question or f'{fact.label}?'} "), Span(f"({fact.id})", "dim", keep=True))


def _outcomes(settling: Settling, answer: Answer) -> Iterator[Line]:
    for status, values in settling.outcomes:
        _, style = STATUS[status]
        yield (Span(f"{_values(values, settling.fact, answer)}: "), Span(_THEN[status], style))


def _values(values: ValueSet, fact: str, answer: Answer) -> str:
    """Values for a reader; of many that stand alone a few examples."""
    kind = answer.guideline.facts[fact].type
    sets = sorted((value for value in values.values if isinstance(value, frozenset)), key=lambda v: (len(v), sorted(v)))
    if max(len(sets), len(values.spans)) <= _MOST_EXAMPLES:
        return set_in_words(values, kind)
    few = replace(values, values=frozenset(sets[:_MOST_EXAMPLES]), spans=values.spans[:_MOST_EXAMPLES], none=False)
    return f"for example {set_in_words(few, kind)}"
