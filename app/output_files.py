"""Writing what a command makes into files: each in one step, and all of them or none."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from guidewright.output import Refused


def write_files(contents: Mapping[Path, bytes], new_folder: Path | None = None) -> None:
    """Writes every file, replacing what has its name; nothing else is touched.

    `new_folder` is made where it is missing; every other folder must exist. All is written beside its place before
    anything gets its name, so a full disk leaves what was there. Raises `Refused`.
    """
    try:
        _write_all(contents, new_folder)
    except OSError as fault:
        where = f" {_shown(Path(fault.filename))}" if isinstance(fault.filename, str) else ""
        raise Refused(f"cannot write{where}: {(fault.strerror or 'unknown reason').lower()}") from None


def _write_all(contents: Mapping[Path, bytes], new_folder: Path | None) -> None:
    if new_folder is not None and not new_folder.is_dir():
        _check_folder(new_folder)
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


def _check_folder(folder: Path) -> None:
    if os.path.lexists(folder):
        raise Refused(f"{_shown(folder)} is no folder; name another place with -o")
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
