"""A report as a PDF, set by Typst (an optional extra): tagged, its text selectable, the same bytes every time.

No text of an author or a record is ever markup: all of it is data, which the template places as strings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from guidewright.document import Block, Form, Heading, Item, Line, Paragraph, Span, Standings, Table
from guidewright.report import Report, Section
from guidewright.report_columns import halves
from guidewright.rules.display import escaped

if TYPE_CHECKING:
    from guidewright.visualize.paper import Paper

_KEPT = 24  # letters; a longer id may be broken
_PAPER: dict[Paper, str] = {"a4": "a4", "letter": "us-letter"}


def report_pdf(report: Report, paper: Paper = "a4") -> bytes:
    """The report as a PDF. Raises `DocumentsMissing` and `TypesettingFailed` of `guidewright.visualize.typeset`."""
    from guidewright.visualize.svg import svg_text
    from guidewright.visualize.typeset import compile_typst

    drawn = {
        f"{number}.svg": svg_text(figure.picture, embed_font=False, links="none")
        for number, figure in enumerate(report.figures, 1)
    }
    data = {
        "title": escaped(report.title),
        "language": report.language,
        "paper": _PAPER[paper],
        "about": [[label, _line(value)] for label, value in report.about],
        "notice": report.notice,
        "running": [escaped(line) for line in report.running],
        "sections": [{"title": escaped(s.title), "blocks": list(_blocks(s))} for s in report.sections],
        "figures": [
            {
                "title": escaped(figure.title),
                "file": file,
                "alt": escaped(figure.in_words),
                "width": figure.picture.width,
                "height": figure.picture.height,
            }
            for figure, file in zip(report.figures, drawn, strict=True)
        ],
    }
    text = json.dumps(data, ensure_ascii=False)
    return compile_typst(_TEMPLATE, {"report.json": text} | drawn, format="pdf", standards=("ua-1",))


def _blocks(section: Section) -> Iterator[dict[str, Any]]:
    running: list[dict[str, Any]] = []
    for block in section.blocks:
        if section.small and isinstance(block, Item):
            running += _line((*block.line, Span(" ")))
            continue
        if running:
            yield {"kind": "paragraph", "line": running, "aside": True}
            running = []
        if isinstance(block, Table) and section.columns == 2:
            left, right = halves(block)
            if right.rows:
                yield {"kind": "beside", "tables": [_block(left), _block(right)]}
                continue
        yield _block(block)
    if running:
        yield {"kind": "paragraph", "line": running, "aside": True}


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(_, line):
            return {"kind": "heading", "line": _line(line)}
        case Paragraph(line):
            return {"kind": "paragraph", "line": _line(line), "aside": bool(line) and line[0].style == "dim"}
        case Item(line, below):
            # An id at the beginning stands in the margin, where it is found again.
            id, rest = (line[:1], line[1:]) if line and line[0].keep and len(line[0].text) < _KEPT else ((), line)
            rest = rest[1:] if id and rest and not rest[0].text.strip() else rest
            return {"kind": "item", "id": _line(id), "line": _line(rest), "below": [_line(one) for one in below]}
        case Table(header, rows, shares):
            cells = [_line(cell) for row in rows for cell in row]
            return {"kind": "table", "header": list(header), "shares": list(shares), "cells": cells}
        case Form(rows):
            blanks = [[{"label": escaped(blank.label), "lines": blank.lines} for blank in row] for row in rows]
            return {"kind": "form", "rows": blanks}
        case Standings():
            raise TypeError("a report holds its standings in a table")


def _line(line: Line) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    for span in line:
        text = escaped(span.text)
        is_id = span.keep and text.startswith("[") and text.endswith("]") and len(text) < _KEPT
        runs.append({"text": text[1:-1] if is_id else text, "style": "id" if is_id else span.style})
    return runs


_TEMPLATE = """
#let data = json("report.json")
#let ink = rgb("#1B2A3A")
#let muted = rgb("#44525F")
#let blue = rgb("#0B5A8A")
#let rule = 0.4pt + rgb("#9AA7B2")
#let colours = (stop: rgb("#A3002F"), go: rgb("#00664D"), maybe: rgb("#6B3F87"), alert: rgb("#8A4B00"), dim: muted)
#let bold = ("strong", "stop", "alert", "id")

#set document(title: data.title, date: none)
#set text(font: "Arimo", size: 8.5pt, lang: data.language, fill: ink, hyphenate: false)
#set par(leading: 0.4em, spacing: 0.58em)
#set page(
  paper: data.paper,
  margin: (x: 12mm, top: 9mm, bottom: 13mm),
  footer-descent: 2.5mm,
  footer: context {
    set text(size: 7pt, fill: muted)
    set par(leading: 0.35em)
    line(length: 100%, stroke: rule)
    v(-1mm)
    grid(
      columns: (1fr, auto),
      data.running.join(linebreak()),
      [#counter(page).display() / #counter(page).final().first()],
    )
  },
)
#show heading.where(level: 1): set text(size: 14pt, fill: blue)
#show heading.where(level: 2): it => block(
  above: 2.6mm, below: 1.3mm, sticky: true, width: 100%, inset: (bottom: 0.7mm), stroke: (bottom: 0.6pt + blue),
  text(size: 10pt, fill: blue, it.body),
)
#show heading.where(level: 3): it => block(above: 1.8mm, below: 1.1mm, sticky: true, text(size: 9pt, it.body))
#show table.cell: set text(size: 7.8pt)
#show table.cell: set par(leading: 0.34em)

// A word that is wider than a column may break anywhere.
#let broken(word) = if word.len() > 40 { word.clusters().map(c => c + box()).join() } else { word }
#let words(it) = it.split(" ").map(broken).join(" ")
#let run(it) = {
  let shown = words(it.text)
  if it.style == "id" { box(text(weight: "bold", size: 0.92em, shown)) }
  else if it.style in bold { text(weight: "bold", fill: colours.at(it.style, default: ink), shown) }
  else { text(fill: colours.at(it.style, default: ink), shown) }
}
#let runs(line) = line.map(run).join()
#let drawn(block_) = {
  if block_.kind == "heading" { heading(level: 3, runs(block_.line)) }
  else if block_.kind == "paragraph" {
    set text(size: if block_.aside { 7.5pt } else { 8.5pt })
    par(runs(block_.line))
  }
  else if block_.kind == "item" {
    let body = {
      runs(block_.line)
      if block_.below.len() > 0 { set text(size: 7.5pt); set par(leading: 0.34em, spacing: 0.4em)
        for line in block_.below { par(text(fill: muted, runs(line))) } }
    }
    block(above: 1.2mm, below: 1.2mm, breakable: false, if block_.id.len() > 0 {
      grid(columns: (9.5mm, 1fr), runs(block_.id), body)
    } else { grid(columns: (3mm, 1fr), [•], body) })
  }
  else if block_.kind == "table" {
    table(
      columns: block_.shares.map(share => share * 1fr),
      inset: (x: 1mm, y: 0.65mm),
      stroke: (x, y) => (bottom: rule),
      align: left + top,
      table.header(..block_.header.map(name => text(weight: "bold", fill: muted, name))),
      ..block_.cells.map(runs),
    )
  }
  else if block_.kind == "beside" { grid(columns: (1fr, 1fr), column-gutter: 5mm, ..block_.tables.map(drawn)) }
  else if block_.kind == "form" {
    block(above: 1.3mm, below: 1.6mm, breakable: false, {
      for row in block_.rows {
        block(above: 0pt, below: 0pt, table(
          columns: row.map(_ => 1fr),
          rows: (calc.max(..row.map(blank => blank.lines)) * 4.7mm + 2.3mm,),
          inset: 1.2mm,
          stroke: rule,
          ..row.map(blank => text(size: 7.5pt, fill: muted, words(blank.label))),
        ))
      }
    })
  }
}

#heading(level: 1, data.title)
#v(0.5mm)
#par(data.about.map(((label, value)) => text(fill: muted, label) + [ ] + runs(value)).join(h(5mm)))
#block(stroke: 0.8pt + blue, inset: 1.5mm, radius: 1mm, width: 100%, strong(data.notice))

#for section in data.sections {
  heading(level: 2, section.title)
  for block_ in section.blocks { drawn(block_) }
}
// A picture has a title and a margin of its own.
#set page(margin: (x: 6mm, top: 6mm, bottom: 11mm), footer-descent: 1mm)
#for figure in data.figures {
  pagebreak(weak: true)
  place(hide(heading(level: 2, figure.title)))
  layout(room => {
    let scale = calc.min(1.2, room.width / (figure.width * 1pt), room.height / (figure.height * 1pt))
    align(center, image(figure.file, alt: figure.alt, width: scale * figure.width * 1pt))
  })
}
"""
