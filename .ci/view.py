"""Lay out the tree as static checkers expect it: `.view/guidewright/`, made of links to the real folders.

The folders `app/`, `rules/`, ... are one import package by a mapping in pyproject.toml. An editable install of it is
invisible to mypy and pyright, which would then check nothing and pass. Usage: `python .ci/view.py [ROOT]`.
"""

import os
import sys
from pathlib import Path

LAYERS = ("rules", "engine", "visualize", "guidelines")


def build_view(root: Path) -> Path:
    """Make or refresh `.view/guidewright/` under `root`, and return it."""
    view = root / ".view" / "guidewright"
    view.mkdir(parents=True, exist_ok=True)
    targets = {name: Path(name) for name in LAYERS if (root / name).is_dir()}
    for entry in (root / "app").iterdir():
        if entry.name != "__pycache__":
            targets[entry.name] = Path("app") / entry.name
    for link in view.iterdir():
        if link.name not in targets:
            link.unlink()
    for name, target in targets.items():
        wanted = Path("..", "..", target)
        link = view / name
        if not (link.is_symlink() and link.readlink() == wanted):
            link.unlink(missing_ok=True)
            link.symlink_to(os.fspath(wanted), target_is_directory=(root / target).is_dir())
    return view


if __name__ == "__main__":
    build_view(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
