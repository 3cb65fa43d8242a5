"""The command `guidewright new`: starts a guideline that works at once, for an author to replace."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from guidewright.cli import OK, UNUSABLE

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ID_LIMIT, TITLE_LIMIT = 100, 200
"""Characters that an id and a title may have."""

_NO_ID = re.compile(r"[^A-Za-z0-9_-]+")
_PLAIN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_FIRST_CASE = "cases/fever.yaml"


class Unusable(Exception):
    """What was asked for cannot be done. Nothing was written."""


@click.command()
@click.argument("folder", type=click.Path())
@click.option("--id", metavar="ID", help="The guideline's id. Without it, made from the folder's name.")
@click.option("--title", metavar="TEXT", help="The guideline's title. Without it, made from the folder's name.")
def new(folder: str, id: str | None, title: str | None) -> NoReturn:
    """Start a guideline in FOLDER: a small one that works, with comments that teach, to be replaced step by step.

    Nothing is ever overwritten: FOLDER must be new or empty. Exit code 0: it is there. 2: nothing was written.
    """
    try:
        start_guideline(folder, id, title)
    except Unusable as fault:
        click.echo(f"guidewright: {fault}", err=True)
        raise click.exceptions.Exit(UNUSABLE) from None
    click.echo("\n".join(_what_next(folder)))
    raise click.exceptions.Exit(OK)


def start_guideline(folder: str, id: str | None = None, title: str | None = None) -> tuple[str, ...]:
    """Writes a new guideline, all of it or nothing, and gives the names of its files.

    The folder must not exist, or be empty, and the folder above it must exist. Raises `Unusable`.
    """
    from guidewright.rules.display import quoted

    target = _target(folder)
    named = unicodedata.normalize("NFC", target.name)
    files = filled_template(_id(id, named), _title(title, named), date.today())
    try:
        _write(target, files)
    except OSError as fault:
        reason = (fault.strerror or "unknown reason").lower()
        raise Unusable(f"cannot write {quoted(folder)}: {reason}; nothing was written") from None
    return tuple(files)


def filled_template(id: str, title: str, day: date) -> dict[str, str]:
    """The starting files by their paths in the folder. The title may be any text on one line; `day` is the day of the
    first version.
    """
    from importlib.resources import files

    plain = _PLAIN_ID.fullmatch(id) and id.lower() not in ("null", "true", "false")
    words = {
        ".yaml": {
            "__ID__": id if plain else yaml_text(id),
            "__TITLE__": yaml_text(title),
            "__DATE__": day.isoformat(),
        },
        ".md": {"__ID__": id, "__TITLE__": _markdown_text(title)},
    }
    template = sorted(_texts(files("guidewright") / "template", ""))
    return {path: _filled(content, words[Path(path).suffix]) for path, content in template}


def _filled(text: str, words: Mapping[str, str]) -> str:
    # In one pass, so that a title which holds a placeholder stays as it is.
    return re.sub("|".join(words), lambda found: words[found[0]], text)


def yaml_text(text: str) -> str:
    """A text on one line as YAML in double quotes, in which only the backslash and the quote are special."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _markdown_text(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#&|~])", r"\\\1", text)


def _texts(folder: Traversable, before: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry, f"{before}{entry.name}/")
        elif entry.name.endswith((".yaml", ".md")):
            yield before + entry.name, entry.read_text(encoding="utf-8")


# --- what it is called


def _id(given: str | None, folder: str) -> str:
    from guidewright.rules.display import quoted
    from guidewright.rules.shape import RESERVED

    if given is not None:
        if _NO_ID.search(given) or not given or len(given) > ID_LIMIT:
            what = f"{quoted(given)} cannot be the id of a guideline"
            raise Unusable(f"{what}: an id has letters, digits, `_` and `-`, at most {ID_LIMIT}")
        if given in RESERVED:
            raise Unusable(f"{quoted(given)} is a word of the language and cannot be the id of a guideline")
        return given
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode("ascii")
    made = _NO_ID.sub("-", plain).strip("-_").lower()[:ID_LIMIT]
    if not made:
        raise Unusable(f"no id can be made from the name {quoted(folder)}; give one with --id")
    return f"{made}-guideline" if made in RESERVED else made


def _title(given: str | None, folder: str) -> str:
    from guidewright.rules.display import quoted
    from guidewright.rules.nodes import FORBIDDEN_IN_TEXT

    title = given if given is not None else " ".join(re.split(r"[-_\s]+", folder)).strip()
    title = title if given is not None else title[:1].upper() + title[1:]
    instead = "" if given is not None else "; give a title with --title"
    if not title.strip():
        raise Unusable(f"the title is empty{instead}")
    if re.search(r"[\t\n\r]", title) or FORBIDDEN_IN_TEXT.search(title):
        raise Unusable(f"the title {quoted(title)} holds a line break or another control character{instead}")
    if len(title) > TITLE_LIMIT:
        raise Unusable(f"the title has {len(title)} characters, and may have {TITLE_LIMIT}{instead}")
    return " ".join(title.split())


# --- writing


def _target(folder: str) -> Path:
    """Where the guideline is to lie, if it can lie there."""
    from guidewright.rules.display import quoted

    shown = quoted(folder)
    try:
        target = Path(os.path.realpath(folder))
        if target.is_symlink():
            raise Unusable(f"{shown} is a link that leads nowhere")
        if not target.exists():
            if not target.parent.is_dir():
                raise Unusable(f"there is no folder to put {shown} in; make it first")
        elif not target.is_dir():
            raise Unusable(f"{shown} is a file; name a folder that is new or empty")
        elif any(target.iterdir()):
            raise Unusable(f"the folder {shown} is not empty, and nothing is overwritten; name a new one")
        elif target == Path(os.path.realpath(os.curdir)):
            raise Unusable(f"{shown} is the folder that you are in; go up one folder and name it from there")
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else None
        raise Unusable(f"{shown} cannot be used: {(reason or 'no such name is possible').lower()}") from None
    return target


def _write(target: Path, files: Mapping[str, str]) -> None:
    """Writes beside the target, then gives it its name in one step, so that there is never a part of a guideline."""
    beside = target.parent / f".guidewright-new-{secrets.token_hex(8)}"
    beside.mkdir()
    try:
        for path, content in files.items():
            file = beside / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(content, encoding="utf-8", newline="\n")
        if target.is_dir():
            shutil.copymode(target, beside)
            if os.name == "nt":
                target.rmdir()
        # An empty folder gives way; whatever else has come there since makes this fail.
        beside.rename(target)
    finally:
        # After the renaming there is nothing left to remove.
        shutil.rmtree(beside, ignore_errors=True)


def _what_next(folder: str) -> list[str]:
    from guidewright.rules.display import escaped

    place = folder if not folder.startswith("-") else os.path.join(os.curdir, folder)

    def shell(*words: str) -> str:
        return escaped(shlex.join(words))

    steps = [
        (shell("guidewright", "check", place), "everything that is wrong, each with its place"),
        (shell("guidewright", "evaluate", os.path.join(place, *_FIRST_CASE.split("/"))), "the answer for a patient"),
        (shell("guidewright", "test", place, "--cover", "100"), "its cases, and what they do not reach"),
        (shell("guidewright", "schema", place, "--write"), "completion in an editor"),
    ]
    return [
        f"{escaped(folder)} is a guideline that works: an example with comments, to be replaced by yours.",
        "",
        *(f"  {command}\n      {what}" for command, what in steps),
        "",
        "Begin with guideline.yaml. The tutorial is docs/authoring.md, the whole language docs/language.md.",
    ]
