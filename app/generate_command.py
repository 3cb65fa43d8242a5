"""The command `cases`: what the cases of a guideline are and reach, and made-up patients for what they do not."""

from __future__ import annotations

import os
import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from guidewright.cli import OK
from guidewright.output import Refused, end, json_text, loaded_guideline, refuse, write
from guidewright.output_files import check_folder, write_files

if TYPE_CHECKING:
    from guidewright.embedding import Guideline
    from guidewright.engine.cases.generating import Generated
    from guidewright.rules.cases import Case

_FOLDER = Path("generated-cases")
_NUMBERED = re.compile(r"g-([0-9]{1,9})-")


@click.command()
@click.argument("guideline")
@click.option("--generate", is_flag=True, help="Write made-up patients as cases that reach all that cases can reach.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help=f"With --generate: where to write them, {_FOLDER} by default. No file is ever replaced.",
)
@click.option("--missing", is_flag=True, help="With --generate: only what the guideline's own cases do not reach.")
@click.option("--format", "format_", type=click.Choice(("text", "json")), default="text", help="How to answer.")
def cases(guideline: str, generate: bool, into: Path | None, missing: bool, format_: str) -> NoReturn:
    """The cases of GUIDELINE, an id that ships or a folder: why each is one, and what it alone reaches.

    With --generate: as few made-up patients as are found for whom each rule fires, does not fire, stays open and is
    overridden, each row and argument holds and does not, each answer is taken; and who stand just below, at and just
    above each limit that a test names, where a rule ends otherwise on the other side if that can be. What is proved to
    be out of reach is said, and what was not decided. This needs the extra `proofs`.

    A generated case shows what the guideline says, not what is right: a clinician has to read it before it is put into
    the folder `cases` of the guideline, where `guidewright test` runs it.

    Exit code 0: done. 2: the guideline or a case cannot be read, or nothing could be written.
    """
    if not generate and (into is not None or missing):
        raise click.UsageError("--into and --missing go with --generate")
    loaded = loaded_guideline(guideline, format_)
    own = _own_cases(guideline, loaded, format_)
    if generate:
        _generate(loaded, own, missing, into if into is not None else _FOLDER, format_)
    else:
        _list(guideline, loaded, own, format_)
    end(OK)


def _own_cases(name: str, loaded: Guideline, format_: str) -> list[tuple[Path, Case]]:
    from guidewright.case_files import case_files, read_cases
    from guidewright.embedding import guideline_folder

    read = list(read_cases(case_files(guideline_folder(name)), loaded.ready.guideline))
    if any(one.case is None for _, one in read):
        unread = [one for _, one in read if one.case is None]
        texts = {file: text for one in unread for file, text in one.texts.items()}
        refuse([diagnostic for one in unread for diagnostic in one.diagnostics], texts, format_)
    return [(path, one.case) for path, one in read if one.case is not None]


def _list(name: str, loaded: Guideline, own: list[tuple[Path, Case]], format_: str) -> None:
    from guidewright.case_list import case_list, case_list_json, case_list_text

    listed = case_list(own, loaded.ready.plan)
    if format_ == "json":
        write(json_text(case_list_json(listed)))
    else:
        _write_fitted(case_list_text(listed, name))


def _generate(loaded: Guideline, own: list[tuple[Path, Case]], missing: bool, folder: Path, format_: str) -> None:
    from guidewright.generated_cases import case_files_of
    from guidewright.generated_report import generated_json, generated_text

    plan = loaded.ready.plan
    check_folder(folder, "--into")
    found = _generated(loaded, own if missing else [])
    taken = [case.id for _, case in own] + ([path.name for path in folder.iterdir()] if folder.is_dir() else [])
    numbers = [int(match[1]) for name in taken if (match := _NUMBERED.match(name))]
    files = dict(case_files_of(found, plan, max(numbers, default=0) + 1))
    if files:
        _write_new({folder / name: text.encode() for name, text in files.items()}, folder)
    if format_ == "json":
        write(json_text(generated_json(found, plan, [*files], folder)))
    else:
        _write_fitted(generated_text(found, plan, [*files], folder))


def _generated(loaded: Guideline, own: list[tuple[Path, Case]]) -> Generated:
    from guidewright.engine.cases.generating import generated
    from guidewright.engine.proofs.solving import ProverMissing
    from guidewright.progress import progress_bar

    plan = loaded.ready.plan
    try:
        with progress_bar() as told:
            return generated(plan, plan.guideline.date or date.today(), [case.patient for _, case in own], told)
    except ProverMissing as missing:
        raise Refused(str(missing)) from None


def _write_new(contents: dict[Path, bytes], folder: Path) -> None:
    from guidewright.rules.display import quoted

    for path in contents:
        if os.path.lexists(path):
            raise Refused(f"{quoted(str(path), 200)} is there already, and nothing is replaced; name another folder")
    write_files(contents, folder, "--into")


def _write_fitted(text: str) -> None:
    from guidewright.layout import fitted, screen_of

    write(fitted(text, screen_of(sys.stdout)))
