"""The command `new`: what it starts works at once, and it never overwrites or leaves a part."""

import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import guidewright.new_command as new_command
from guidewright.cases_command import test as run_cases
from guidewright.commands import guidewright
from guidewright.new_command import TITLE_LIMIT, Unusable, filled_template, new, start_guideline
from guidewright.rules.load import load_guideline
from guidewright.rules.nodes import FORBIDDEN_IN_TEXT
from guidewright.sources_command import sources


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(*words: str) -> Result:
    result = CliRunner().invoke(new, words)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def texts_of(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


# It works at once


def test_what_it_starts_has_no_error_and_no_warning(here: Path) -> None:
    assert start("ward-fever").exit_code == 0
    loaded = load_guideline(here / "ward-fever")
    assert loaded.diagnostics == ()
    assert loaded.guideline is not None
    assert (loaded.guideline.id, loaded.guideline.title) == ("ward-fever", "Ward fever")


@pytest.mark.parametrize(
    "command",
    [
        ["check", "mine"],
        ["evaluate", "mine/cases/fever.yaml"],
        ["explain", "mine/cases/fever.yaml", "R2"],
        ["schema", "mine"],
        ["schema", "mine", "--write"],
    ],
    ids=" ".join,
)
def test_every_command_works_on_it(command: list[str]) -> None:
    start("mine")
    result = CliRunner().invoke(guidewright, command)
    assert (result.exit_code, result.stderr) == (0, "")


def test_its_cases_hold_and_reach_all_of_it() -> None:
    start("mine")
    result = CliRunner().invoke(run_cases, ["mine", "--cover", "100"])
    assert result.exit_code == 0, result.output
    assert "4 passed, 0 failed" in result.output


def test_its_sources_are_shown_and_every_statement_is_used() -> None:
    start("mine")
    result = CliRunner().invoke(sources, ["mine"])
    assert result.exit_code == 0
    assert "rule [R2]; parameter [fever_from]" in result.output


def test_a_line_of_its_files_tells_the_editor_a_schema_that_is_written(here: Path) -> None:
    start("mine")
    CliRunner().invoke(guidewright, ["schema", "mine", "--write"])
    for path in [*(here / "mine").glob("*.yaml"), *(here / "mine" / "cases").glob("*.yaml")]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), path
        assert (path.parent / first.partition("=")[2]).is_file(), path


def test_it_says_what_to_do_next_with_commands_that_work() -> None:
    result = start("a folder's name")
    commands = [line.strip() for line in result.output.splitlines() if line.startswith("  guidewright")]
    assert [command.split()[1] for command in commands] == ["check", "evaluate", "test", "schema"]
    assert commands[1] == """guidewright evaluate 'a folder'"'"'s name/cases/fever.yaml'"""


def test_its_readme_names_every_file(here: Path) -> None:
    start("mine")
    readme = (here / "mine" / "README.md").read_text(encoding="utf-8")
    for name in texts_of(here / "mine"):
        assert name == "README.md" or name.partition("/")[0] in readme


# Its names


@pytest.mark.parametrize(
    ("folder", "id", "title"),
    [
        ("nausea-after-surgery", "nausea-after-surgery", "Nausea after surgery"),
        ("Größe der Läsion", "groe-der-lasion", "Größe der Läsion"),
        ("knee_pain", "knee_pain", "Knee pain"),
        ("any", "any-guideline", "Any"),
        ("2024", "2024", "2024"),
        ("null", "null", "Null"),
        ("x" * 120, "x" * 100, "X" + "x" * 119),
        ("a/../b", "b", "B"),
    ],
)
def test_the_folder_gives_an_id_and_a_title(folder: str, id: str, title: str, here: Path) -> None:
    (here / "a").mkdir()
    assert start(folder).exit_code == 0
    guideline = load_guideline(here / os.path.normpath(folder)).guideline
    assert guideline is not None
    assert (guideline.id, guideline.title) == (id, title)


@pytest.mark.parametrize(
    "title",
    [
        "Say \"yes\" or 'no'",
        "back\\slash \\n \\u0041 at the end \\",
        "👩‍⚕️ and 🫀",
        "key: value, # no comment",
        "{fever_from} and {nothing} and __ID__ __TITLE__",
        "> folded | *alias &anchor !tag %directive @at `tick`",
        "no",
        "- item",
        "عربي 日本語",
        "a" * TITLE_LIMIT,
    ],
)
def test_any_title_on_one_line_is_read_back_as_it_was(title: str) -> None:
    start("mine", "--title", title)
    loaded = load_guideline("mine")
    assert loaded.diagnostics == ()
    assert loaded.guideline is not None
    assert loaded.guideline.title == title


def test_every_character_that_a_title_may_have_is_read_back(here: Path) -> None:
    every = [c for c in map(chr, range(0x20, 0x3000)) if not FORBIDDEN_IN_TEXT.search(c) and not c.isspace()]
    title = "".join(every)
    for name, text in filled_template("mine", title, date(2024, 5, 1)).items():
        if name.endswith(".yaml") and "/" not in name:
            (here / name).write_text(text, encoding="utf-8")
    guideline = load_guideline(here).guideline
    assert guideline is not None
    assert guideline.title == title
    assert guideline.date == date(2024, 5, 1)


@pytest.mark.parametrize(
    "title", ["two\nlines", "a\ttab", "bell\x07", "", "  ", "a" * (TITLE_LIMIT + 1), "\u2028", "\ud83d"]
)
def test_a_title_that_no_line_can_hold_is_refused(title: str, here: Path) -> None:
    result = start("mine", "--title", title)
    assert result.exit_code == 2
    assert result.stderr.startswith("guidewright: the title ")
    assert result.stderr.isascii()
    assert os.listdir(here) == []


@pytest.mark.parametrize("id", ["two words", "a.b", "", "none", "a/b", "ä", "a" * 101, "a\n"])
def test_an_id_that_is_none_is_refused(id: str, here: Path) -> None:
    result = start("mine", "--id", id)
    assert result.exit_code == 2
    assert "cannot be the id of a guideline" in result.stderr
    assert os.listdir(here) == []


@pytest.mark.parametrize("id", ["-", "---", "-1", "true", "NULL", "0x10", "_"])
def test_an_id_that_yaml_would_misread_is_quoted(id: str) -> None:
    start_guideline("mine", id)
    guideline = load_guideline("mine").guideline
    assert guideline is not None
    assert guideline.id == id


def test_a_folder_without_a_plain_letter_needs_an_id(here: Path) -> None:
    result = start("指南")
    assert (result.exit_code, result.stderr) == (
        2,
        "guidewright: no id can be made from the name `指南`; give one with --id\n",
    )
    assert os.listdir(here) == []
    assert start("指南", "--id", "guide").exit_code == 0


# It never overwrites, and leaves no part


def test_a_folder_that_is_not_empty_is_left_as_it_is(here: Path) -> None:
    (here / "mine").mkdir()
    (here / "mine" / ".hidden").write_text("mine")
    result = start("mine")
    assert result.exit_code == 2
    assert result.stderr == "guidewright: the folder `mine` is not empty, and nothing is overwritten; name a new one\n"
    assert texts_of(here) == {"mine/.hidden": "mine"}


def test_a_guideline_is_not_started_twice(here: Path) -> None:
    start("mine")
    before = texts_of(here)
    assert start("mine", "--title", "Another").exit_code == 2
    assert texts_of(here) == before


def test_an_empty_folder_is_filled_and_keeps_its_mode(here: Path) -> None:
    (here / "mine").mkdir()
    (here / "mine").chmod(0o750)
    assert start("mine").exit_code == 0
    assert load_guideline("mine").diagnostics == ()
    assert (here / "mine").stat().st_mode & 0o777 == 0o750
    assert os.listdir(here) == ["mine"]


def test_where_it_cannot_lie_nothing_is_written(here: Path) -> None:
    (here / "file").write_text("mine")
    (here / "nowhere").symlink_to(here / "gone" / "deep")
    for folder, words in [
        ("file", "`file` is a file"),
        ("file/below", "there is no folder to put `file/below` in"),
        ("no/such", "there is no folder to put `no/such` in"),
        ("nowhere", "there is no folder to put `nowhere` in"),
        ("x" * 300, "file name too long"),
        ("a\x1bb/c", r"there is no folder to put `a\x1bb/c` in"),
    ]:
        result = start(folder)
        assert result.exit_code == 2, folder
        assert words in result.stderr
    assert texts_of(here) == {"file": "mine"}
    assert sorted(os.listdir(here)) == ["file", "nowhere"]


def test_the_folder_that_one_is_in_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "mine").mkdir()
    monkeypatch.chdir("mine")
    result = start(".")
    assert result.exit_code == 2
    assert "go up one folder" in result.stderr
    assert os.listdir(here / "mine") == []


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("existed", [False, True])
def test_a_failure_half_way_leaves_nothing(
    fault: BaseException, existed: bool, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = Path.write_text, []

    def fails(path: Path, *arguments: object, **options: object) -> int:
        if len(written) == 3:
            raise fault
        written.append(path)
        return write(path, *arguments, **options)  # type: ignore[arg-type]

    if existed:
        (here / "mine").mkdir()
    monkeypatch.setattr(Path, "write_text", fails)
    with pytest.raises((Unusable, KeyboardInterrupt)) as told:
        start_guideline("mine")
    assert len(written) == 3
    assert os.listdir(here) == (["mine"] if existed else [])
    assert texts_of(here) == {}
    if isinstance(fault, OSError):
        assert str(told.value) == "cannot write `mine`: no space left on device; nothing was written"


@pytest.mark.parametrize("as_file", [False, True])
def test_what_comes_there_meanwhile_is_not_overwritten(
    as_file: bool, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = new_command._write

    def late(target: Path, files: dict[str, str]) -> None:
        if as_file:
            target.write_text("theirs")
        else:
            target.mkdir()
            (target / "guideline.yaml").write_text("theirs")
        write(target, files)

    monkeypatch.setattr(new_command, "_write", late)
    with pytest.raises(Unusable):
        start_guideline("mine")
    assert os.listdir(here) == ["mine"]
    assert list(texts_of(here).values()) == ["theirs"]
