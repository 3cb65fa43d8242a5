"""Writing what a command makes into files: each in one step, and all of them or none; and their names."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from guidewright.output import Refused

_LONGEST = 100  # characters of a file's name, without a number and the ending


def check_folder(folder: Path, option: str) -> None:
    """Refuses a folder that nothing of a user can go into, before it takes long to know what. It may be missing.
    `option` is the one that names it.
    """
    from guidewright.shipped import is_shipped

    if is_shipped(folder):
        raise Refused(f"{_shown(folder)} belongs to the installation; name a folder of your own with {option}")
    if not folder.is_dir():
        _check_new(folder, option)


def free_name(text: str, taken: set[str]) -> str:
    """A text as the name of a file, without an ending; numbered where that is `taken`, which it is from now on."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", text)[:_LONGEST]
    name, number = plain, 1
    # Some systems do not tell letter case apart.
    while name.casefold() in taken:
        number += 1
        name = f"{plain}.{number}"
    taken.add(name.casefold())
    return name


def write_again(contents: Mapping[Path, bytes], folder: Path, option: str, first_line: str) -> None:
    """Writes every file into a folder, which is made where it is missing. A file of an earlier run is replaced: its
    `first_line` begins so. Raises `Refused`, also where something else has a name, be it a link.
    """
    for path in contents:
        if os.path.lexists(path) and not _begins(path, first_line):
            raise Refused(f"{_shown(path)} is not one of ours, and is not replaced; name another folder with {option}")
    write_files(contents, folder, option)


def _begins(path: Path, first_line: str) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.readline().startswith(first_line)
    except OSError:
        return False


def write_files(contents: Mapping[Path, bytes], new_folder: Path | None = None, option: str = "-o") -> None:
    """Writes every file, replacing what has its name; nothing else is touched.

    `new_folder` is made where it is missing, the one that `option` names; every other folder must exist. All is
    written beside its place before anything gets its name, so a full disk leaves what was there. Raises `Refused`.
    """
    try:
        _write_all(contents, new_folder, option)
    except OSError as fault:
        where = f" {_shown(Path(fault.filename))}" if isinstance(fault.filename, str) else ""
        raise Refused(f"cannot write{where}: {(fault.strerror or 'unknown reason').lower()}") from None


def _write_all(contents: Mapping[Path, bytes], new_folder: Path | None, option: str) -> None:
    if new_folder is not None and not new_folder.is_dir():
        _check_new(new_folder, option)
        new_folder.mkdir()
    else:
        new_folder = None
    written: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            # A link stays a link: what it leads to is replaced.
            target = Path(os.path.realpath(path))
            _check_file(path, target)
            beside = target.with_name(f".guidewright-{secrets.token_hex(8)}.part")
            written[beside] = target
            try:
                with open(beside, "xb") as stream:
                    stream.write(content)
            except OSError as fault:
                # The file that was meant tells a reader more than the one beside it.
                raise OSError(fault.errno, fault.strerror, str(path)) from None
            if target.exists():
                shutil.copymode(target, beside)
        for beside, target in written.items():
            os.replace(beside, target)
    finally:
        for beside in written:
            beside.unlink(missing_ok=True)
        if new_folder is not None:
            with contextlib.suppress(OSError):
                new_folder.rmdir()  # only an empty one goes


def _check_new(folder: Path, option: str) -> None:
    if os.path.lexists(folder):
        raise Refused(f"{_shown(folder)} is no folder; name another place with {option}")
    if not folder.parent.is_dir():
        raise Refused(f"there is no folder {_shown(folder.parent)} to put {_shown(folder)} in; make it first")


def _check_file(path: Path, target: Path) -> None:
    if target.is_dir():
        raise Refused(f"{_shown(path)} is a folder; name a file")
    if target.exists() and not target.is_file():
        raise Refused(f"{_shown(path)} is no ordinary file, and is not replaced")
    if not target.parent.is_dir():
        raise Refused(f"there is no folder {_shown(path.parent)} to write {_shown(path)} in; make it first")


def _shown(path: Path) -> str:
    from guidewright.rules.display import quoted

    return quoted(str(path), 200)
