"""The command `guidewright draw`: a guideline's flowcharts as pictures, one page a stage."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn, get_args

import click

from guidewright.cli import OK
from guidewright.output import Refused, end, loaded_guideline, write
from guidewright.output_files import write_files
from guidewright.patient_options import perhaps_about_a_patient, perhaps_assessed

if TYPE_CHECKING:
    from guidewright.embedding import Assessment, Guideline
    from guidewright.engine.lockstep import EngineName
    from guidewright.rules.model import Guideline as CheckedGuideline
    from guidewright.visualize.booklet import Page
    from guidewright.visualize.paper import Paper

Format = Literal["svg", "png", "pdf", "dot", "mermaid"]

OVERVIEW = "overview"

_ENDINGS: dict[str, Format] = {
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
}
_TERMINAL = "-"


@click.command()
@click.argument("guideline")
@click.option(
    "-o",
    "out",
    metavar="FILE|FOLDER",
    type=click.Path(),
    help="Where to write; `-` prints one SVG page, DOT or Mermaid. Without it: in the current folder, named after the "
    "guideline.",
)
@click.option(
    "--stage", "stages", metavar="ID", multiple=True, help=f"Draw this stage only, or `{OVERVIEW}`. May be repeated."
)
@perhaps_about_a_patient
@click.option(
    "--format", "named", type=click.Choice(get_args(Format)), help="Without it: by the ending of -o, else svg."
)
@click.option("--paper", type=click.Choice(("a4", "letter")), help="The paper of a PDF; a4 without it.")
def draw(
    guideline: str,
    out: str | None,
    stages: tuple[str, ...],
    patient: str | None,
    as_of: date | None,
    engine: EngineName,
    named: Format | None,
    paper: Paper | None,
) -> NoReturn:
    """Draw the flowcharts of GUIDELINE, an id that ships or a folder: an overview, and a page for each stage.

    With --patient they show the way of this patient, what fired and what is missing. SVG and PNG are a file for each
    page, in a folder; a PDF holds all pages. DOT and Mermaid are the decision graph as text, for other programs;
    without -o they are printed. Files with the same name are replaced, each in one step.

    Exit code 0: everything was written; the names are printed. 2: wrong usage, or a file that cannot be used or
    written: nothing was written.
    """
    loaded = loaded_guideline(guideline)
    checked = loaded.ready.guideline
    _check_stages(stages, checked)
    format = _format(named, out)
    if paper is not None and format != "pdf":
        raise click.UsageError(f"--paper is for a PDF, and this is {_WORDS[format]}")
    assessment = perhaps_assessed(patient, loaded, as_of, engine)
    made = _made(format, loaded, assessment, stages, paper or "a4")
    name = "-".join([checked.id, *dict.fromkeys(stages)])
    places, new_folder = _places(list(made), format, out, name, checked.id, of_patient=patient is not None)
    if not places:
        for content in made.values():
            write(content.decode())
        end(OK)
    write_files({places[file]: content for file, content in made.items()}, new_folder)
    from guidewright.rules.display import escaped

    write("".join(f"{escaped(str(path))}\n" for path in places.values()))
    end(OK)


_WORDS: dict[Format, str] = {"svg": "SVG", "png": "PNG", "pdf": "PDF", "dot": "DOT", "mermaid": "Mermaid"}
_MANY: frozenset[Format] = frozenset({"svg", "png"})


# --- what to draw


def _check_stages(stages: Iterable[str], guideline: CheckedGuideline) -> None:
    from guidewright.rules.diagnostics import quoted, suggest

    known = (OVERVIEW, *(stage.id for stage in guideline.stages))
    for stage in stages:
        if stage not in known:
            help = suggest(stage, known) or f"there are {', '.join(f'`{id}`' for id in known)}"
            raise click.UsageError(f"the guideline has no stage {quoted(stage)}; {help}")


def _format(named: Format | None, out: str | None) -> Format:
    """The format that is named, or that the ending of the file says."""
    from guidewright.rules.display import quoted

    if out is None or out == _TERMINAL or _is_folder(out):
        return named or "svg"
    ending = Path(out).suffix
    by_ending = _ENDINGS.get(ending.lower())
    if named is not None and by_ending not in (None, named):
        raise click.UsageError(f"--format {named} and the ending of {quoted(out)} do not agree; leave one out")
    if named is not None or not ending:
        return named or "svg"
    if by_ending is None:
        known = ", ".join(f"`{ending}`" for ending in _ENDINGS)
        raise click.UsageError(
            f"no format has the ending {quoted(ending)}; there are {known} (a folder is written `{_shown(out)}/`)"
        )
    return by_ending


def _made(
    format: Format, guideline: Guideline, assessment: Assessment | None, stages: tuple[str, ...], paper: Paper
) -> dict[str, bytes]:
    """The contents of the files by their names; the one file that holds everything has the name ""."""
    if format in ("dot", "mermaid"):
        return {"": _graph_text(format, guideline, assessment, stages).encode()}
    from guidewright.visualize.booklet import pages

    checked = guideline.ready.guideline
    chosen = _chosen_pages(pages(guideline, assessment, paper=paper if format == "pdf" else None), stages)
    from guidewright.visualize.svg import svg_text

    if format == "svg":
        return {f"{page.name}.svg": svg_text(page.picture).encode() for page in chosen}
    from guidewright.visualize.typeset import DocumentsMissing, TypesettingFailed, pdf_bytes, png_bytes

    try:
        if format == "png":
            return {f"{page.name}.png": png_bytes(page.picture) for page in chosen}
        pictures = [page.picture for page in chosen]
        return {"": pdf_bytes(pictures, paper=paper, title=checked.title, language=checked.language)}
    except (DocumentsMissing, TypesettingFailed) as fault:
        raise Refused(str(fault)) from None


def _graph_text(format: Format, guideline: Guideline, assessment: Assessment | None, stages: tuple[str, ...]) -> str:
    """The decision graph, or its part in these stages, perhaps with a patient's way. It has no overview: the whole is
    one.
    """
    from guidewright.visualize.decisions import decision_graph
    from guidewright.visualize.dot import dot_text
    from guidewright.visualize.marks import marks_of
    from guidewright.visualize.mermaid import mermaid_text

    graph = decision_graph(guideline)
    if stages:
        if OVERVIEW in stages and all(stage.id != OVERVIEW for stage in guideline.ready.guideline.stages):
            raise click.UsageError(f"{_WORDS[format]} has no overview; without --stage it has every stage")
        graph = graph.subgraph([box for box, data in graph.nodes(data=True) if data["stage"] in stages])
    marks = marks_of(assessment, guideline.ready.guideline) if assessment is not None else None
    return dot_text(graph, marks) if format == "dot" else mermaid_text(graph, marks)


def _chosen_pages(every: Sequence[Page], stages: tuple[str, ...]) -> list[Page]:
    """The pages of the stages, in their order; a stage may have several."""
    for stage in stages:
        if not any(_is_of(page, stage) for page in every):
            raise click.UsageError(f"the stage `{stage}` has no page to draw")
    return [page for page in every if not stages or any(_is_of(page, stage) for stage in stages)]


def _is_of(page: Page, stage: str) -> bool:
    return page.stage == stage or page.name == stage == OVERVIEW


# --- where to write


def _places(
    files: list[str], format: Format, out: str | None, name: str, id: str, of_patient: bool
) -> tuple[dict[str, Path], Path | None]:
    """The path of each file, and the folder to be made for them if it is missing. No path: the terminal."""
    if out == _TERMINAL or (out is None and format in ("dot", "mermaid")):
        if format in ("png", "pdf"):
            raise click.UsageError(f"{_WORDS[format]} is not printed; name a file with -o")
        if len(files) > 1:
            raise click.UsageError("one page is printed at a time; choose it with --stage")
        return {}, None
    if format not in _MANY:
        ending = next(ending for ending, of in _ENDINGS.items() if of == format)
        usual = f"{name}{'-patient' if of_patient else ''}{ending}"
        path = Path(usual) if out is None else Path(out, usual) if _is_folder(out) else Path(out)
        return dict.fromkeys(files, path), None
    if out is not None and not _is_folder(out) and _ENDINGS.get(Path(out).suffix.lower()) == format:
        if len(files) > 1:
            instead = "name a folder, or choose one page with --stage, or draw a PDF"
            raise click.UsageError(f"{len(files)} pages do not go into one file; {instead}")
        return {files[0]: Path(out)}, None
    folder = Path(out) if out is not None else Path(f"{id}-{'patient' if of_patient else 'pages'}")
    return {file: folder / file for file in files}, folder


def _is_folder(path: str) -> bool:
    """Whether a path means a folder, there or not."""
    return path.endswith(tuple(filter(None, (os.sep, os.altsep)))) or os.path.isdir(path)


def _shown(path: str) -> str:
    from guidewright.rules.display import clipped, escaped

    return escaped(clipped(path, 200))
