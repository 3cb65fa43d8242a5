"""Keeping a checked guideline, so that starting up does not read and check the same files again.

The key is the digest of the files with the versions of the language and the program: a changed file is a new key.
What is kept is
plain JSON, never code, with its own digest; what is missing, damaged or not ours is ignored, and the files are
read instead.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from guidewright import __version__
from guidewright.rules.guideline_files import LANGUAGE_VERSION, digest_of, read_texts

if TYPE_CHECKING:
    from guidewright.rules.load import Loaded
    from guidewright.rules.model import Guideline

_KEPT = 32


def load_cached(folder: Path) -> tuple[Guideline | None, Loaded | None]:
    """The guideline from the cache, or what reading its folder gave."""
    texts, problems = read_texts(folder)
    digest = digest_of(texts)
    path = None if problems else _path(digest)
    if path is not None:
        guideline = _read(path)
        if guideline is not None and guideline.digest == digest:
            return guideline, None
    from guidewright.rules.load import check_texts

    loaded = check_texts(texts, problems, str(folder))
    if path is not None and loaded.guideline is not None and not loaded.diagnostics:
        _write(path, loaded.guideline)
    return None, loaded


def cache_folder() -> Path | None:
    """Where guidelines are kept: `GUIDEWRIGHT_CACHE` (empty: nowhere), else the user's cache folder."""
    chosen = os.environ.get("GUIDEWRIGHT_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "guidewright"
    except RuntimeError:
        return None


def _path(digest: str) -> Path | None:
    folder = cache_folder()
    if folder is None:
        return None
    key = hashlib.sha256(f"{digest} {LANGUAGE_VERSION} {__version__} {_program()}".encode()).hexdigest()
    return folder / f"{key}.json"


def _program() -> str:
    """What the reading code is: a changed loader must not be answered from what an older one has kept."""
    import guidewright.rules

    folder = Path(guidewright.rules.__path__[0])
    with os.scandir(folder) as entries:
        files = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
    return " ".join(
        f"{name}:{status.st_size}:{status.st_mtime_ns}" for name, status in sorted(files, key=lambda f: f[0])
    )


def _read(path: Path) -> Guideline | None:
    from guidewright.rules.stored import StoredError, from_stored

    try:
        status = path.stat()
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            return None
        digest, _, payload = path.read_text(encoding="utf-8").partition("\n")
        if hashlib.sha256(payload.encode("utf-8")).hexdigest() != digest:
            return None
        return from_stored(json.loads(payload))
    except (OSError, ValueError, RecursionError, StoredError):
        return None


def _write(path: Path, guideline: Guideline) -> None:
    import tempfile

    from guidewright.rules.stored import to_stored

    payload = json.dumps(to_stored(guideline), ensure_ascii=False, separators=(",", ":"))
    content = hashlib.sha256(payload.encode("utf-8")).hexdigest() + "\n" + payload
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(content)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise
        _forget_old(path.parent)
    except OSError:
        # A cache that cannot be written only costs time.
        return


def _forget_old(folder: Path) -> None:
    kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[_KEPT:]:
        path.unlink(missing_ok=True)
