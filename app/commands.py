"""The commands. Engines and readers are imported inside them, so that help and usage errors come at once."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

import click

from guidewright import __version__
from guidewright.cases_command import test
from guidewright.check_command import check
from guidewright.cli import INCOMPLETE
from guidewright.diff_command import diff
from guidewright.draw_command import draw
from guidewright.generate_command import cases
from guidewright.graph_command import graph
from guidewright.new_command import new
from guidewright.outline_command import outline
from guidewright.output import (
    Refused,
    end,
    json_text,
    loaded_guideline,
    write,
    write_page,
)
from guidewright.patient_options import about_a_patient, assessed, chosen_guideline, read_patient
from guidewright.report_command import report
from guidewright.sources_command import sources

if TYPE_CHECKING:
    from guidewright.answer_words import Answer
    from guidewright.document import Document
    from guidewright.embedding import Assessment, Guideline
    from guidewright.engine.lockstep import EngineName
    from guidewright.rules.model import Guideline as CheckedGuideline
    from guidewright.rules.patient import Patient

# --- the command and its options


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Decision support for review by a clinician; not a prescription.",
)
@click.version_option(__version__, message="guidewright %(version)s")
def guidewright() -> None:
    """Clinical guidelines as code: checked, explained, and answered honestly for an incomplete record.

    \b
    Exit codes
      0   done
      1   something was found: `check` an error or a warning, `test` a case that fails, `sources` a stale statement,
          `diff` a change for patients
      2   wrong usage, or a file that cannot be used: nothing was evaluated
      3   with --strict: something cannot be said yet, or the way through a page stops
      70  a fault of guidewright: nothing is answered
    """


@guidewright.command()
@about_a_patient
@click.option(
    "--format", "format_", type=click.Choice(("text", "json", "markdown")), default="text", help="How to answer."
)
@click.option("--strict", is_flag=True, help="Exit with 3 where the answer is incomplete.")
@click.option("--all", "everything", is_flag=True, help="Show everything, also what was considered and why not.")
def evaluate(
    patient: str,
    guideline: str | None,
    engine: EngineName,
    as_of: date | None,
    format_: str,
    strict: bool,
    everything: bool,
) -> NoReturn:
    """What a guideline says for PATIENT, a YAML or JSON file.

    What is not recorded is unknown, never "no". Where anything in the file is wrong, nothing is evaluated and the exit
    code is 2: the errors go to stderr, or with --format json to stdout as {"errors": [...]}.
    """
    name, chosen = chosen_guideline(guideline, patient)
    loaded = loaded_guideline(name, format_)
    record = read_patient(patient, loaded, as_of, format_)
    assessment = assessed(loaded, record, engine)
    if format_ == "json":
        write(json_text(assessment.to_json()))
    else:
        from guidewright.answer_page import answer_page
        from guidewright.answer_words import Answer

        page = answer_page(Answer(assessment, loaded.ready.plan, everything, chosen))
        if format_ == "markdown":
            from guidewright.markdown_answer import markdown_page

            write(markdown_page(page))
        else:
            write_page(page)
    end(INCOMPLETE if strict and not is_complete(assessment) else 0)


@guidewright.command()
@about_a_patient
@click.argument("rule")
@click.option(
    "--what-if", "wonders", is_flag=True, help="The smallest change of facts that would make it hold, or stop it."
)
def explain(
    patient: str, rule: str, guideline: str | None, engine: EngineName, as_of: date | None, wonders: bool
) -> NoReturn:
    """Why RULE holds for PATIENT, why not, or what would settle it.

    RULE is the id of a rule, of a row or of an argument, as answers show it in brackets. The id of a fact shows what is
    known of that.

    With --what-if: which facts, if they became known or were other than recorded, would change the answer about RULE;
    as few as do it, up to three ways. Facts that the guideline calls fixed, such as age, keep what is known of them.
    For what is open, also each fact that would settle it alone. What is shown was found by evaluating the changed
    record; what could not be decided in about twenty seconds is said to be undecided. This needs the extra `proofs`.
    """
    from guidewright.answer_words import Answer
    from guidewright.engine.compiled import evaluate_compiled
    from guidewright.explanation import Explained, explanation_page

    name, chosen = chosen_guideline(guideline, patient)
    loaded = loaded_guideline(name)
    id = _id_of(rule, loaded)
    if wonders and id in loaded.ready.guideline.facts:
        raise click.UsageError(f"--what-if is about a rule, a row or an argument; `{id}` is a fact")
    record = read_patient(patient, loaded, as_of)
    answer = Answer(assessed(loaded, record, engine), loaded.ready.plan, everything=True, chosen=chosen)
    if wonders:
        write_page(_what_if_page(id, record, answer))
        end(0)
    write_page(explanation_page(id, Explained(answer, evaluate_compiled(loaded.ready.plan.compiled, record))))
    end(0)


@guidewright.command()
@click.argument("guideline")
@click.option(
    "--write", "write_files", is_flag=True, help="Write the schemas beside the guideline, where editors find them."
)
def schema(guideline: str, write_files: bool) -> NoReturn:
    """The JSON Schemas that let an editor complete and check the files of GUIDELINE.

    They are made from the guideline's own facts, rules and sources. Printed as one object by file name, or with
    --write put into the guideline's folder.
    """
    from guidewright.embedding import guideline_folder
    from guidewright.rules.json_schema import editor_schemas, write_schemas

    checked = loaded_guideline(guideline).ready.guideline
    if not write_files:
        write(json_text(editor_schemas(checked)))
        end(0)
    try:
        paths = write_schemas(checked, guideline_folder(guideline))
    except OSError as fault:
        raise Refused(fault.strerror.lower() if fault.strerror else str(fault)) from None
    from guidewright.rules.display import escaped

    write("".join(f"{escaped(str(path))}\n" for path in paths))
    end(0)


@guidewright.command("list")
@click.option("--format", "format_", type=click.Choice(("text", "json")), default="text", help="How to answer.")
def list_(format_: str) -> NoReturn:
    """The guidelines that come with this installation."""
    from guidewright.contents import shipped_page
    from guidewright.shipped import shipped_ids

    guidelines = [loaded_guideline(id).ready.guideline for id in shipped_ids()]
    if format_ == "json":
        write(json_text([_about(checked) for checked in guidelines]))
    else:
        write_page(shipped_page(guidelines))
    end(0)


# The commands that have a module of their own; like the ones above they import what they need when they run.
guidewright.add_command(check)
guidewright.add_command(test)
guidewright.add_command(cases)
guidewright.add_command(sources)
guidewright.add_command(new)
guidewright.add_command(report)
guidewright.add_command(draw)
guidewright.add_command(graph)
guidewright.add_command(outline)
guidewright.add_command(diff)


def _about(guideline: CheckedGuideline) -> dict[str, Any]:
    from guidewright.contents import contents_of

    names = ("id", "version", "title", "status", "digest")
    return {name: getattr(guideline, name) for name in names} | {"contents": contents_of(guideline)}


def is_complete(assessment: Assessment) -> bool:
    """Whether nothing is open: that the guideline applies, every rule and argument, and the way through every page."""
    candidates = (c for weighing in assessment.weighing.values() for c in weighing.candidates)
    return (
        assessment.applies is not None
        and not assessment.with_status("open")
        and (assessment.applies is False or not any(candidate.open for candidate in candidates))
        and not any(path.stopped_at is not None for path in assessment.paths.values())
    )


def _what_if_page(id: str, patient: Patient, answer: Answer) -> Document:
    from guidewright.engine.comparing.what_if import what_if
    from guidewright.engine.proofs.solving import ProverMissing
    from guidewright.what_if_page import what_if_page

    try:
        return what_if_page(what_if(answer.plan.program, patient, id), answer)
    except ProverMissing as missing:
        raise Refused(str(missing)) from None


def _id_of(name: str, guideline: Guideline) -> str:
    """The id that was meant, where letter case alone differs too: of a rule, a row, an argument, or else of a fact."""
    from guidewright.explanation import ids_of
    from guidewright.rules.diagnostics import quoted, suggest

    known = ids_of(guideline.ready.plan)
    facts = guideline.ready.guideline.facts
    if name in known or name in facts:
        return name
    alike = [id for id in known if id.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    same_number = [id for id in known if _without_zeros(id) == _without_zeros(name)]
    help = suggest(name, same_number or known) or suggest(name, (*known, *facts))
    raise click.UsageError(f"there is no rule, row or argument {quoted(name)}{f'; {help}' if help else ''}")


def _without_zeros(id: str) -> str:
    """`C-01` and `c-1` are the same to whoever types one."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", id.casefold())
