"""The tutorial can be followed: its files are built block by block, and its commands answer as it says.

`python tests/test_authoring.py` writes what the commands answer now into the page. An answer that holds `…`, which
stands for lines that are left out, is only checked.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import click
import pytest
from click.testing import CliRunner

from guidewright.cases_command import test as run_cases
from guidewright.commands import guidewright
from guidewright.embedding import load
from guidewright.engine.cases.running import coverage_of, run_case
from guidewright.new_command import new
from guidewright.rules.cases import load_case
from guidewright.rules.load import load_guideline
from guidewright.sources_command import sources

PAGE = Path(__file__).parent.parent / "docs" / "authoring.md"
FOLDER = "nausea-after-surgery"
OUTSIDE = ("harbour.txt", "mrs-example.yaml")
LEFT_OUT = "…"

COMMANDS = click.Group(commands={**guidewright.commands, "new": new, "sources": sources, "test": run_cases})
_BLOCK = re.compile(
    r'^```(?P<kind>\w+)(?: title="(?P<file>[^"]+)")?(?: (?P<how>[^\n]+))?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    file: str | None
    how: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a block of commands promises, and what it gave."""

    block: Block
    found: str
    codes: tuple[int, ...]


def blocks() -> list[Block]:
    page = PAGE.read_text(encoding="utf-8")
    return [
        Block(m["kind"], m["file"], m["how"] or "", m["text"], page.count("\n", 0, m.start()) + 1)
        for m in _BLOCK.finditer(page)
    ]


# Following the page


def follow(place: Path) -> Iterator[Answer]:
    """Does in an empty folder what the page says, and yields the answers. A change to `try` is made in a copy, in
    which the next command runs.
    """
    printed, tried, here = "", False, place
    for block in blocks():
        match block.kind:
            case "console":
                yield run(block, here)
                tried, here = False, place
            case "python":
                with contextlib.redirect_stdout(io.StringIO()) as output:
                    exec(compile(block.text, f"{PAGE.name}:{block.line}", "exec"), {})
                printed = output.getvalue()
            case "text" if block.how == "output":
                yield Answer(block, printed, ())
            case "diff":
                assert not tried, f"line {block.line}: nothing runs what was tried before"
                if block.how == "try":
                    tried, here = True, place.parent / f"try-{block.line}"
                    shutil.copytree(place, here)
                change(where(block, here), block)
            case "yaml" | "text":
                write(where(block, here), block)
            case kind:
                raise AssertionError(f"line {block.line}: nothing tests a block of {kind}")
    assert not tried


def where(block: Block, here: Path) -> Path:
    assert block.file is not None, f"line {block.line}: the block names no file"
    return here / block.file if block.file in OUTSIDE else here / FOLDER / block.file


def write(path: Path, block: Block) -> None:
    if block.how == "add":
        path.write_text(path.read_text(encoding="utf-8") + block.text, encoding="utf-8")
    elif block.how:
        (line,) = re.findall(r'under="(.*)"', block.how)
        before = path.read_text(encoding="utf-8")
        assert before.count(f"\n{line}\n") == 1, f"line {block.line}"
        path.write_text(before.replace(f"\n{line}\n", f"\n{line}\n{block.text}"), encoding="utf-8")
    else:
        path.write_text(block.text, encoding="utf-8")


def change(path: Path, block: Block) -> None:
    lines = block.text.splitlines(keepends=True)
    old, new_ = ("".join(line[1:] for line in lines if line[0] in f" {sign}") for sign in "-+")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"line {block.line}: the old text stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new_), encoding="utf-8")


def run(block: Block, here: Path) -> Answer:
    found, codes = "", []
    with contextlib.chdir(here):
        for line in block.text.splitlines():
            if line.startswith("$ "):
                program, *words = shlex.split(line[2:])
                found += line + "\n"
                if program == "rm":
                    for pattern in words:
                        gone = list(here.glob(pattern))
                        assert gone, f"line {block.line}: nothing is called {pattern}"
                        for path in gone:
                            path.unlink()
                    continue
                assert program == "guidewright", f"line {block.line}: {program} is not known here"
                result = CliRunner().invoke(COMMANDS, words, prog_name="guidewright")
                assert isinstance(result.exception, SystemExit | None), result.exception
                codes.append(result.exit_code)
                # In the order that a terminal would show it.
                found += result.output
    return Answer(block, "\n".join(line.rstrip() for line in found.splitlines()) + "\n", tuple(codes))


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Nothing of the machine shows in what commands answer."""
    with patch.dict(os.environ, {"GUIDEWRIGHT_CACHE": "", "COLUMNS": "100", "NO_COLOR": "1"}):
        yield


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Answer]]:
    place = tmp_path_factory.mktemp("tutorial") / "place"
    place.mkdir()
    with settled():
        return place, list(follow(place))


# What it promises


def as_promised(promised: str, found: str) -> bool:
    lines = promised.splitlines(keepends=True)
    pattern = "".join("(?:.*\n)*?" if line.strip() == LEFT_OUT else re.escape(line) for line in lines)
    return re.fullmatch(pattern, found) is not None


def test_every_command_answers_as_the_page_says(followed: tuple[Path, list[Answer]]) -> None:
    _, answers = followed
    assert len(answers) > 15
    for answer in answers:
        where = f"line {answer.block.line} of {PAGE.name}; `python tests/test_authoring.py` writes the answers anew"
        if not as_promised(answer.block.text, answer.found):
            assert answer.found == answer.block.text, where


def test_every_command_ends_with_the_code_that_the_page_implies(followed: tuple[Path, list[Answer]]) -> None:
    for answer in followed[1]:
        expected = int(answer.block.how.removeprefix("exit=") or 0) if answer.block.kind == "console" else 0
        assert set(answer.codes) <= {expected}, f"line {answer.block.line}"


def test_what_is_left_out_is_told_from_what_is_there() -> None:
    assert as_promised("a\n…\nc\n", "a\nb\nb\nc\n")
    assert as_promised("a\n…\n", "a\n")
    assert not as_promised("a\n…\nc\n", "a\nb\n")
    assert not as_promised("a\n", "a\nb\n")
    assert not as_promised("a …\n", "a b\n")


def test_the_guideline_that_it_builds_is_sound(followed: tuple[Path, list[Answer]]) -> None:
    place, _ = followed
    loaded = load_guideline(place / FOLDER)
    assert loaded.diagnostics == ()
    assert loaded.guideline is not None
    assert len(loaded.guideline.rules) == 10


def test_its_cases_hold_and_reach_all_of_it(followed: tuple[Path, list[Answer]]) -> None:
    place, _ = followed
    guideline = load(place / FOLDER)
    results = []
    for path in sorted((place / FOLDER / "cases").glob("*.yaml")):
        read = load_case(path, guideline.ready.guideline)
        assert read.case is not None, read.diagnostics
        results.append(run_case(guideline.ready, read.case))
        assert (results[-1].misses, results[-1].differences) == ((), ())
    assert len(results) == 8
    found = coverage_of(guideline.ready, results)
    assert (found.percent, found.missing) == (100.0, ())


def test_the_page_says_that_its_example_is_invented(followed: tuple[Path, list[Answer]]) -> None:
    place, _ = followed
    assert "**The example is invented.**" in PAGE.read_text(encoding="utf-8")
    for name, word in (
        ("guideline.yaml", "invented for teaching, not for use"),
        ("sources.yaml", "no such publication"),
    ):
        assert word in (place / FOLDER / name).read_text(encoding="utf-8")


def test_a_reader_sees_which_file_each_block_is_for() -> None:
    """A renderer does not show the title of a block."""
    page, end = PAGE.read_text(encoding="utf-8"), 0
    for match in _BLOCK.finditer(page):
        if match["file"] is not None:
            assert f"`{match['file']}`" in page[end : match.start()], f"{match['file']}: {match['text'][:60]}"
        end = match.end()


def test_a_page_that_is_wrong_is_seen(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    path = tmp_path / FOLDER / "a.yaml"
    path.write_text("a: 1\nb: 2\n")
    with pytest.raises(AssertionError, match="stands 0 times"):
        change(path, Block("diff", "a.yaml", "", "-a: 2\n+a: 3\n", 1))
    change(path, Block("diff", "a.yaml", "", " a: 1\n-b: 2\n+b: 3\n", 1))
    assert path.read_text() == "a: 1\nb: 3\n"
    with pytest.raises(AssertionError, match="is not known here"):
        run(Block("console", None, "", "$ curl example\n", 1), tmp_path)


def write_answers() -> None:
    """Puts what the commands answer into the page, but where something is left out."""
    with TemporaryDirectory() as folder, settled():
        place = Path(folder).resolve() / "place"
        place.mkdir()
        answers = list(follow(place))
    page = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    for answer in reversed(answers):
        if LEFT_OUT not in answer.block.text.splitlines():
            begin = answer.block.line
            page[begin : begin + answer.block.text.count("\n")] = [answer.found]
    PAGE.write_text("".join(page), encoding="utf-8")


if __name__ == "__main__":
    write_answers()
    sys.exit(0)
