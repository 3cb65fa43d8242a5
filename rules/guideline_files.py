"""The files of a guideline folder: their texts, and one digest over them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from guidewright.rules.diagnostics import Diagnostic, Place, error
from guidewright.rules.reading import read_file

#: Changes when the same files would be read as another guideline, so that nothing read by an older version is used
#: again.
LANGUAGE_VERSION = "5"

FIXED = ("guideline.yaml", "facts.yaml", "sources.yaml")


def read_texts(folder: Path) -> tuple[dict[str, str], list[Diagnostic]]:
    """The texts of a guideline folder by file name, and what stood in the way of reading them."""
    problems: list[Diagnostic] = []
    texts: dict[str, str] = {}
    place = Place.of_file(str(folder))
    if not folder.is_dir():
        found = "there is no such folder" if not folder.exists() else "this is not a folder"
        problems.append(error("GW114", f"{found}: a guideline is a folder of YAML files", place))
        return texts, problems
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    except OSError as reason:
        problems.append(error("GW003", f"the folder cannot be read: {reason.strerror}", place))
        return texts, problems
    for name in FIXED:
        if not any(path.name == name for path in paths):
            other = Path(name).with_suffix(".yml").name
            help = f"rename `{other}` to `{name}`" if any(path.name == other for path in paths) else None
            problems.append(error("GW114", f"the guideline has no `{name}`", place, help))
            paths = [path for path in paths if path.name != other]
    for path in paths:
        content, found_problems = read_file(path)
        problems.extend(found_problems)
        if content is not None:
            texts[str(path)] = content
    return texts, problems


def digest_of(texts: Mapping[str, str]) -> str:
    """One SHA-256 over the names and contents of a guideline's files, in order of their names."""
    total = hashlib.sha256()
    for path in sorted(texts, key=lambda p: Path(p).name):
        for part in (Path(path).name, texts[path]):
            content = part.encode("utf-8")
            total.update(len(content).to_bytes(8, "big") + content)
    return "sha256:" + total.hexdigest()
