"""The command `report`: where it writes, what it refuses, and that a refused report leaves nothing behind."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guidewright import report_pictures
from guidewright.commands import guidewright as command

CASES = Path(__file__).parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma" / "cases"
INDEX = next(CASES.glob("V01*.yaml"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("COLUMNS", "100")


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(command, ["report", *map(str, arguments), "--engine", "compiled"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_without_a_file_the_report_is_printed_as_markdown() -> None:
    done = run(INDEX)
    assert done.exit_code == 0
    assert done.stdout.startswith("# Liver lesion after retroperitoneal leiomyosarcoma\n\n- **Patient:** **V01-index")
    assert "## Outcome\n" in done.stdout
    assert done.stderr == ""


def test_markdown_draws_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("no picture is needed")

    monkeypatch.setattr(report_pictures, "every_page", never)
    assert run(INDEX).exit_code == 0


@pytest.mark.parametrize(
    ("ending", "begin"), [("md", b"# Liver"), ("html", b"<!DOCTYPE html>"), ("docx", b"PK"), ("pdf", b"%PDF-")]
)
def test_the_ending_names_the_form(tmp_path: Path, ending: str, begin: bytes) -> None:
    if ending in ("docx", "pdf"):
        pytest.importorskip("docx", reason="needs the extra `documents`")
        pytest.importorskip("typst", reason="needs the extra `documents`")
    path = tmp_path / f"sheet.{ending}"
    path.write_text("old")
    done = run(INDEX, "-o", path)
    assert (done.exit_code, done.stdout) == (0, f"{path}\n")
    assert path.read_bytes().startswith(begin)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_flowchart_stands_in_html_with_the_boxes_of_the_way(tmp_path: Path) -> None:
    assert run(INDEX, "-o", tmp_path / "sheet.html").exit_code == 0
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert 1 <= page.count("<figure>") <= 2
    assert 'id="figure-1-box-' in page
    assert '<h2 id="figure-1-heading">The patient&#x27;s way: Where does the liver lesion come from?' in page


def test_a_patient_to_whom_the_guideline_does_not_apply_gets_no_flowchart(tmp_path: Path) -> None:
    assert run(CASES / "liposarcoma-is-not-covered.yaml", "-o", tmp_path / "sheet.html").exit_code == 0
    assert "<figure>" not in (tmp_path / "sheet.html").read_text(encoding="utf-8")


def test_letter_paper(tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="needs the extra `documents`")
    pypdf = pytest.importorskip("pypdf", reason="is in the extra `dev`")
    assert run(INDEX, "-o", tmp_path / "sheet.pdf", "--paper", "letter").exit_code == 0
    made = pypdf.PdfReader(io.BytesIO((tmp_path / "sheet.pdf").read_bytes()))
    assert {round(page.mediabox.width) for page in made.pages} == {612}


def test_the_day_may_be_another(tmp_path: Path) -> None:
    assert "**As of:** 1 February 2021" in run(INDEX, "--as-of", "2021-02-01").stdout


@pytest.mark.parametrize("name", ["sheet.rtf", "sheet"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    done = run(INDEX, "-o", tmp_path / name)
    assert done.exit_code == 2
    assert "names no format; there are `.md`, `.html`, `.docx`, `.pdf`" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_paper_is_for_documents_with_pages(tmp_path: Path) -> None:
    for arguments in ((), ("-o", tmp_path / "sheet.html")):
        done = run(INDEX, *arguments, "--paper", "a4")
        assert done.exit_code == 2
        assert "--paper is for .docx and .pdf" in done.stderr


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    done = run(INDEX, "-o", tmp_path / "absent" / "sheet.md")
    assert done.exit_code == 2
    assert "there is no folder" in done.stderr


@pytest.mark.parametrize(("ending", "module"), [("pdf", "typst"), ("docx", "docx")])
def test_without_the_extra_the_report_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    done = run(INDEX, "-o", tmp_path / f"sheet.{ending}")
    assert done.exit_code == 2
    assert "pip install 'guidewright[documents]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_cannot_be_used_writes_nothing(tmp_path: Path) -> None:
    record = tmp_path / "patient.yaml"
    record.write_text("patient: x\nas_of: 2024-01-01\nfacts: {no.such.fact: 1}\n")
    done = run(record, "--guideline", "retroperitoneal-leiomyosarcoma", "-o", tmp_path / "sheet.html")
    assert done.exit_code == 2
    assert "nothing was evaluated" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["patient.yaml"]
