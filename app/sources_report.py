"""The bibliography of a guideline, and what became of its anchored statements in a text of a source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from guidewright.document import Block, Document, Heading, Item, Line, Paragraph, Span, Style, id_span, joined, said
from guidewright.layout import Screen
from guidewright.rules.anchored import Edit, Found, Passage, Searched, Stale
from guidewright.rules.display import clipped
from guidewright.rules.model import Guideline, ReadAs, Source, SourceKind, Statement
from guidewright.rules.source_text import Kind, Sentence, SourceText
from guidewright.rules.source_use import USE_KINDS, Use, Uses, unused, uses_of, uses_of_source
from guidewright.sources_json import Compared, compared_json, passage_text, source_json, sources_json

Format = Literal["text", "json", "markdown"]

_KINDS: dict[SourceKind, str] = {
    "guideline": "Guidelines",
    "consensus": "Consensus",
    "trial": "Trials",
    "series": "Series",
    "review": "Reviews and reference texts",
    "case-report": "Case reports",
    "expert": "Expert opinion",
}
_READ: dict[ReadAs, tuple[str, Style]] = {
    "full-text": ("read in full", "go"),
    "abstract": ("only its abstract was read", "plain"),
    "secondary": ("seen only in excerpts or quoted by others", "alert"),
    "not-read": ("not read: to be checked", "alert"),
}
_READ_IN_SHORT: dict[ReadAs, str] = {
    "full-text": "read in full",
    "abstract": "only as an abstract",
    "secondary": "only in excerpts",
    "not-read": "not read",
}
_ASIDE: dict[Kind, str] = {
    "front": "Title, authors and about the article",
    "heading": "Headings",
    "running": "Running heads and feet, page numbers",
    "back": "Acknowledgements, interests and the like",
    "references": "Reference list",
}
_MOST_UNCOVERED = 100
_MOST_QUOTED = 3
_MOST_QUOTED_WORDS = 12
_LONGEST = 2_000  # characters of a passage that are shown of one line
_BESIDE = 60  # characters of a line that are shown before a passage, and behind it


def bibliography(guideline: Guideline, form: Format, screen: Screen) -> str:
    """The sources by kind, how each was read, and what rests on it, as text that ends in a line feed."""
    uses = uses_of(guideline)
    if form == "json":
        sources = [source_json(source, uses) for source in guideline.sources.values()]
        return sources_json(guideline, {"sources": sources, "unused": list(unused(guideline.sources.values(), uses))})
    return _drawn(tuple(_bibliography(guideline, uses)), form, screen)


def report(guideline: Guideline, texts: Sequence[Compared], form: Format, screen: Screen) -> str:
    """What was found of each source in its text and what was not, as text that ends in a line feed."""
    uses = uses_of(guideline)
    if form == "json":
        return sources_json(guideline, {"texts": [compared_json(compared, uses) for compared in texts]})
    return _drawn(tuple(_report(guideline, texts, uses)), form, screen)


def _drawn(page: Document, form: Format, screen: Screen) -> str:
    if form == "markdown":
        from guidewright.markdown_answer import markdown_page

        return markdown_page(page)
    from guidewright.text_answer import text_page

    return text_page(page, screen)


# --- the bibliography


def _bibliography(guideline: Guideline, uses: Uses) -> Iterator[Block]:
    yield Heading(1, said(f"Sources: {guideline.title}"))
    yield Paragraph(_about(guideline))
    if not guideline.sources:
        yield Paragraph(said("The guideline has no sources."))
    for kind in get_args(SourceKind):
        sources = [source for source in guideline.sources.values() if source.kind == kind]
        if sources:
            yield Heading(2, said(_KINDS[kind]))
        for source in sources:
            yield Item((*said(f"{source.cite} "), id_span(source.id)), tuple(_source_lines(source, uses)))
    yield from _unused(tuple(guideline.sources.values()), uses, 2)
    if guideline.sources:
        yield Heading(2, said("In short"))
        yield Paragraph(said(_in_short(tuple(guideline.sources.values()))))


def _in_short(sources: Sequence[Source]) -> str:
    statements = sum(len(source.statements) for source in sources)
    read = ((sum(source.read == way for source in sources), words) for way, words in _READ_IN_SHORT.items())
    ways = ", ".join(f"{number} {words}" for number, words in read if number)
    return f"{_counted(len(sources), 'source')} with {_counted(statements, 'statement')}: {ways}."


def _about(guideline: Guideline) -> Line:
    about = said(f"{guideline.id}, version {guideline.version}")
    return (*about, *said(", "), Span(guideline.status, "alert")) if guideline.status else about


def _source_lines(source: Source, uses: Uses) -> Iterator[Line]:
    words, style = _READ[source.read]
    anchored = sum(statement.digest is not None for statement in source.statements.values())
    count = _counted(len(source.statements), "statement") + (f", {anchored} anchored" if anchored else "")
    yield (Span("Read: ", "dim"), Span(words, style), Span(f"; {count}", "dim"))
    if source.url is not None:
        yield said(source.url, "dim")
    yield from _uses_in_short(uses_of_source(source, uses))


def _uses_in_short(uses: Sequence[Use]) -> Iterator[Line]:
    """`Supports: rules [A-01] [A-02]; argument [G01]`, and so for what it speaks against."""
    for against, words, style in ((False, "Supports: ", "go"), (True, "Speaks against: ", "stop")):
        parts: list[Line] = []
        for kind in USE_KINDS:
            ids = [use.id for use in uses if use.kind == kind and use.against == against]
            if ids:
                listed = joined([(id_span(id),) for id in ids], said(" "))
                parts.append((*said(f"{kind}{'s' if len(ids) > 1 else ''} "), *listed))
        if parts:
            yield (Span(words, "go" if style == "go" else "stop"), *joined(parts, said("; ")))
    if not uses:
        yield said("Nothing rests on it.", "alert")


def _unused(sources: Sequence[Source], uses: Uses, level: Literal[2, 3]) -> Iterator[Block]:
    names = unused(sources, uses)
    if names:
        yield Heading(level, said("Statements that no rule uses"))
        yield Paragraph(said("No rule, row, argument or parameter names them.", "dim"))
        every = {f"{source.id}.{id}": s for source in sources for id, s in source.statements.items()}
        for name in names:
            yield Item((*said(f"{every[name].says} "), id_span(name)))


def _counted(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else one + 's'}"


# --- a source against a text


def _report(guideline: Guideline, texts: Sequence[Compared], uses: Uses) -> Iterator[Block]:
    yield Heading(1, said(f"Sources and their texts: {guideline.title}"))
    yield Paragraph(_about(guideline))
    for compared in texts:
        yield from _compared(compared, uses)


def _compared(compared: Compared, uses: Uses) -> Iterator[Block]:
    searched = compared.searched
    source = searched.source
    yield Heading(2, said(source.id))
    yield Paragraph(said(source.cite))
    words, style = _READ[source.read]
    yield Paragraph((Span("Read: ", "dim"), Span(words, style)))
    yield Paragraph((Span("Text: ", "dim"), *said(f"{compared.file} ({len(searched.text.words):,} words)")))
    yield Paragraph(_verdict(searched))
    if not searched.anchored:
        return
    if searched.unanchored:
        ids = joined([(_name(source, statement),) for statement in searched.unanchored], said(" "))
        yield Paragraph((*said("Not anchored, so not looked for: "), *ids))
    if searched.stale:
        yield Heading(3, said("No longer there"))
    for stale in searched.stale:
        yield Item(_headline(source, stale.statement), tuple(_stale_lines(stale, searched, uses)), "✗", "stop")
    yield from _not_covered(searched)
    yield from _set_aside(searched)
    yield from _unused((source,), uses, 3)
    if searched.found:
        yield Heading(3, said("Found"))
        yield Paragraph(said("« and » enclose the passage; the numbers are those of the lines in the file.", "dim"))
    for found in searched.found:
        below = (*_ours(found.statement), *_lines(searched.text, found.passage), *_uses_of(source, found, uses))
        yield Item(_headline(source, found.statement), below, "✓", "go")
    yield Heading(3, said(f"In short: {source.id}"))
    yield Paragraph(_verdict(searched))
    if searched.stale:
        ids = joined([(_name(source, stale.statement),) for stale in searched.stale], said(" "))
        yield Paragraph((Span("No longer there: ", "stop"), *ids))


def _verdict(searched: Searched) -> Line:
    if not searched.anchored:
        return said(
            "No statement of this source is anchored, so there is nothing to look for: `words` and `digest` in "
            "sources.yaml anchor a statement.",
            "alert",
        )
    count = f"{len(searched.found)} of {_counted(searched.anchored, 'anchored statement')} found"
    gone = f"{len(searched.stale)} no longer there"
    missing = (*said(", "), Span(gone, "stop")) if searched.stale else ()
    return (Span(count, "plain" if searched.stale else "go"), *missing, *said(f"; {_coverage(searched)}."))


def _coverage(searched: Searched) -> str:
    if not searched.sentences:
        return "nothing in the text looks like guidance"
    if not searched.uncovered:
        return f"they cover all {_counted(searched.sentences, 'sentence')} of its guidance"
    return f"{_counted(len(searched.uncovered), 'sentence')} of its guidance not covered, or not wholly"


def _name(source: Source, statement: Statement) -> Span:
    return id_span(f"{source.id}.{statement.id}")


def _headline(source: Source, statement: Statement) -> Line:
    return (_name(source, statement), *said(f" {statement.at}" if statement.at else ""))


def _ours(statement: Statement) -> tuple[Line, ...]:
    return ((Span("We say: ", "dim"), *said(statement.says)),)


def _uses_of(source: Source, found: Found, uses: Uses) -> Iterator[Line]:
    return _uses_in_short(uses[f"{source.id}.{found.statement.id}"])


def _stale_lines(stale: Stale, searched: Searched, uses: Uses) -> Iterator[Line]:
    yield from _ours(stale.statement)
    near = stale.near
    if near is None:
        yield said(f"Its {stale.statement.words} words are not there, nor anything like them.", "alert")
    else:
        why = "between the passages before and after it" if near.between else "the likest by its words; a guess"
        if near.edit is not None:
            yield (Span("It differs in one word: ", "alert"), *said(_edit(near.edit)))
        else:
            yield (Span("It may now read ", "alert"), Span(f"({why}):", "dim"))
        yield from _lines(searched.text, near.passage)
    for use in uses[f"{searched.source.id}.{stale.statement.id}"]:
        side, style = ("Speaks against", "stop") if use.against else ("Supports", "go")
        begin = Span(f"{side} {use.kind} ", "stop" if style == "stop" else "go")
        yield (begin, id_span(use.id), *said(f" {clipped(use.text, 200)}"))
    if not uses[f"{searched.source.id}.{stale.statement.id}"]:
        yield said("Nothing rests on it.", "dim")


def _edit(edit: Edit) -> str:
    match edit:
        case Edit(was=None):
            return f"“{edit.now}” is new"
        case Edit(now=None):
            return f"“{edit.was}” is gone"
        case _:
            return f"“{edit.now}”, where it was “{edit.was}”"


def _not_covered(searched: Searched) -> Iterator[Block]:
    if not searched.uncovered:
        return
    yield Heading(3, said("Sentences that no statement covers"))
    if any(stale.near is not None for stale in searched.stale):
        yield Paragraph(said("What a statement above may now read is among them.", "dim"))
    for piece in searched.uncovered[:_MOST_UNCOVERED]:
        lines = list(_lines(searched.text, Passage(piece.first, piece.last)))
        yield Item(lines[0], tuple(lines[1:]))
    if len(searched.uncovered) > _MOST_UNCOVERED:
        others = len(searched.uncovered) - _MOST_UNCOVERED
        yield Paragraph(said(f"… and {others} more; --format json lists them all."))


def _set_aside(searched: Searched) -> Iterator[Block]:
    if not searched.aside:
        return
    yield Heading(3, said("Set aside"))
    yield Paragraph(
        said(
            "No statement covers these lines, and they are not counted above: they do not look like guidance. "
            "That is a guess, so look for a sentence of guidance among them.",
            "dim",
        )
    )
    for kind, words in _ASIDE.items():
        places = list(_places(searched, kind))
        if not places:
            continue
        ranges = ", ".join(_range(searched.text, place) for place in places[:20])
        more = f" and {len(places) - 20} more places" if len(places) > 20 else ""
        quotes = (
            (
                *said(f"{_range(searched.text, place)}: ", "dim"),
                *said(f"“{clipped(passage_text(searched.text, place), 90)}”"),
            )
            for place in places[:_MOST_QUOTED]
        )
        yield Item(
            (*said(f"{words}: "), Span(f"{'line' if ranges.isdigit() else 'lines'} {ranges}{more}", "dim")),
            tuple(quotes),
        )


def _places(searched: Searched, kind: Kind) -> Iterator[Passage]:
    """What was set aside as something, sentences that touch taken together."""
    first = last = -1
    for piece in searched.aside:
        if piece.kind != kind:
            continue
        if piece.first != last:
            if last >= 0:
                yield Passage(first, last)
            first = piece.first
        last = piece.last
    if last >= 0:
        yield Passage(first, last)


def _range(text: SourceText, place: Passage | Sentence) -> str:
    first, last = text.lines_of(place.first, place.last)
    return str(first) if first == last else f"{first}\u2013{last}"


def _lines(text: SourceText, passage: Passage) -> Iterator[Line]:
    """The lines of the text that a passage stands on, numbered, with the passage between « and »."""
    start, end = text.starts[passage.first], text.ends[passage.last - 1]
    first, last = text.lines_of(passage.first, passage.last)
    for number in range(first, last + 1):
        low, high = text.line(number)
        inside = clipped(" ".join(text.text[max(low, start) : min(high, end)].split()), _LONGEST)
        if not inside:
            continue
        before, behind = text.text[low : max(low, start)], text.text[min(high, end) : high]
        before = ("…" if len(before) > _BESIDE else "") + " ".join(before[-_BESIDE:].split())
        behind = " ".join(behind[:_BESIDE].split()) + ("…" if len(behind) > _BESIDE else "")
        opening, closing = "«" if number == first else "", "»" if number == last else ""
        shown = [Span(f"{number:>{len(str(last))}} │", "dim", keep=True), Span(" ")]
        shown += [Span(f"{before} ", "dim")] if before else []
        shown.append(Span(f"{opening}{inside}{closing}", "strong"))
        shown += [Span(f" {behind}", "dim")] if behind else []
        yield tuple(shown)
