"""The command `guidewright report`: the sheet that a tumour board has before it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from guidewright.output import Refused, end, loaded_guideline, write
from guidewright.patient_options import about_a_patient, assessed, chosen_guideline, read_patient

if TYPE_CHECKING:
    from guidewright.engine.lockstep import EngineName
    from guidewright.report import Report
    from guidewright.visualize.paper import Paper

_ENDINGS = (".md", ".html", ".docx", ".pdf")


@click.command()
@about_a_patient
@click.option(
    "-o",
    "out",
    metavar="FILE",
    type=click.Path(),
    help="Where to write; the ending says what: .md, .html, .docx or .pdf. Without it: Markdown, printed.",
)
@click.option("--paper", type=click.Choice(("a4", "letter")), help="The paper of .docx and .pdf; a4 without it.")
def report(
    patient: str,
    out: str | None,
    paper: Paper | None,
    guideline: str | None,
    engine: EngineName,
    as_of: date | None,
) -> NoReturn:
    """The sheet on PATIENT, a YAML or JSON file, for a tumour board: one to three pages, then the flowchart.

    The facts with their sources, what is recommended and why, what cannot be said yet, the way through the flowchart,
    what is due when, and room for the outcome. Word and PDF need the extra `documents`. A file with the same name is
    replaced, in one step.
    """
    ending = _ending(out)
    if paper is not None and ending not in (".docx", ".pdf"):
        raise click.UsageError("--paper is for .docx and .pdf; HTML takes the paper of the printer")
    name, chosen = chosen_guideline(guideline, patient)
    loaded = loaded_guideline(name)
    assessment = assessed(loaded, read_patient(patient, loaded, as_of), engine)
    from guidewright.answer_words import Answer
    from guidewright.report import report_of

    answer = Answer(assessment, loaded.ready.plan, chosen=chosen)
    made = report_of(answer, None if ending == ".md" else paper or "a4")
    if out is None:
        from guidewright.report_markdown import report_markdown

        write(report_markdown(made))
        end(0)
    from guidewright.output_files import write_files
    from guidewright.rules.display import escaped

    write_files({Path(out): _written(made, ending, paper or "a4")})
    write(f"{escaped(out)}\n")
    end(0)


def _ending(out: str | None) -> str:
    if out is None:
        return ".md"
    from guidewright.rules.display import quoted

    ending = Path(out).suffix.lower()
    if ending not in _ENDINGS:
        known = ", ".join(f"`{known}`" for known in _ENDINGS)
        raise click.UsageError(f"the ending of {quoted(out)} names no format; there are {known}")
    return ending


def _written(report: Report, ending: str, paper: Paper) -> bytes:
    from guidewright.visualize.typeset import DocumentsMissing, TypesettingFailed

    try:
        match ending:
            case ".html":
                from guidewright.report_html import report_html

                return report_html(report).encode()
            case ".docx":
                from guidewright.report_docx import report_docx

                return report_docx(report, paper)
            case ".pdf":
                from guidewright.report_pdf import report_pdf

                return report_pdf(report, paper)
            case _:
                from guidewright.report_markdown import report_markdown

                return report_markdown(report).encode()
    except (DocumentsMissing, TypesettingFailed) as fault:
        raise Refused(str(fault)) from None
