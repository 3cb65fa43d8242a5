"""A version of a guideline by its name: an id that ships, a folder, or a folder in a git revision (`REV:PATH`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from guidewright.output import Refused

if TYPE_CHECKING:
    from guidewright.embedding import Guideline

SIZE_LIMIT = 20 * 1024 * 1024
"""Bytes that a file of a revision may have; the readers of guidelines have smaller limits of their own."""

_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Version:
    """`name` is what the user called it."""

    name: str
    guideline: Guideline


def version_named(name: str) -> Version:
    """The guideline of that name, checked. Raises `GuidelineError`, or `Refused` where git cannot give it."""
    from guidewright.embedding import load
    from guidewright.shipped import shipped_folder

    if shipped_folder(name) is not None or ":" not in name or os.path.exists(name):
        return Version(name, load(name))
    with tempfile.TemporaryDirectory(prefix="guidewright-") as folder:
        for file, content in _files_of(name).items():
            (Path(folder) / file).write_bytes(content)
        return Version(name, _loaded(Path(folder), name))


def _loaded(folder: Path, name: str) -> Guideline:
    """The guideline in a temporary folder; what is wrong with it is told of the files of the revision."""
    from guidewright.embedding import Guideline, GuidelineError
    from guidewright.rules.guideline_files import read_texts
    from guidewright.rules.load import check_texts

    def shown(path: str) -> str:
        return name if Path(path) == folder else f"{name.rstrip('/')}/{Path(path).name}"

    texts, problems = read_texts(folder)
    problems = [replace(problem, place=replace(problem.place, file=shown(problem.place.file))) for problem in problems]
    found = check_texts({shown(path): text for path, text in texts.items()}, problems, name)
    if found.guideline is None:
        raise GuidelineError(found.diagnostics, found.texts)
    return Guideline(found.guideline, found.diagnostics)


def _files_of(name: str) -> Mapping[str, bytes]:
    """The YAML files of a folder in a revision, just as they were committed."""
    from guidewright.rules.display import quoted

    revision, _, path = name.partition(":")
    if not revision or revision.startswith("-"):
        raise Refused(f"{quoted(name)} is no folder, and no git revision as REV:PATH")
    commit = _found(f"{revision}^{{commit}}")
    if commit is None:
        raise Refused(f"there is no folder {quoted(name)}, and git knows no revision {quoted(revision)} here")
    inside = _found(f"{commit}:{path.rstrip('/')}")
    tree = inside and _found(f"{inside}^{{tree}}")
    if tree is None:
        raise Refused(f"the git revision {quoted(revision)} has no folder {quoted(path)}")
    listed = _git("ls-tree", "-z", "--full-tree", "-l", tree) or b""
    files: dict[str, bytes] = {}
    for entry in listed.split(b"\0"):
        about, _, file = entry.decode("utf-8", "surrogateescape").partition("\t")
        if PurePosixPath(file).suffix not in (".yaml", ".yml"):
            continue
        mode, _, blob, size = about.split()
        # What is no ordinary file, or would leave the folder, is none of a guideline's.
        if not mode.startswith("100") or Path(file).name != file:
            continue
        if int(size) > SIZE_LIMIT:
            raise Refused(f"{quoted(f'{name}/{file}')} has more than {SIZE_LIMIT} bytes")
        files[file] = _git("cat-file", "blob", blob) or b""
    return files


def _found(name: str) -> str | None:
    """The hash of what git knows by a name. Never an option, whatever it begins with."""
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    return found.decode().strip() if found is not None else None


def _git(*arguments: str) -> bytes | None:
    """What git answers; nothing where it refuses."""
    program = shutil.which("git")
    if program is None:
        raise Refused("git is not installed, so revisions cannot be read; name folders")
    try:
        done = subprocess.run(
            [program, "--no-pager", *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            env={**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Refused("git does not answer, so revisions cannot be read; name folders") from None
    return done.stdout if done.returncode == 0 else None
