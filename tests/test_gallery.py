"""The gallery shows the pages as they are drawn now: `make docs` renews it."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def gallery():
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.gallery()


def test_no_picture_is_stale(gallery):
    stale = [name for name, text in gallery.items() if _committed(name) != text]
    assert stale == [], "run `make docs`, look at the pictures, and commit them"


def test_nothing_else_lies_in_the_gallery(gallery):
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / "gallery").rglob("*") if path.is_file()}
    assert there == set(gallery) - {"gallery.md"}


def _committed(name):
    path = DOCS / name
    return path.read_text(encoding="utf-8") if path.exists() else None
