"""`guidewright draw`: which files are written, which are left alone, and what is refused before anything is written."""

import io
import os
import stat
import struct
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from guidewright import evaluate_file, load, output_files
from guidewright.commands import guidewright as command
from guidewright.engine.assessment import NOTICE
from guidewright.output import Refused
from guidewright.output_files import write_files
from guidewright.visualize import decision_graph, dot_text, mermaid_text, typeset
from guidewright.visualize.booklet import Page, pages
from guidewright.visualize.marks import marks_of
from guidewright.visualize.picture import Area, Picture, Rectangle, Text

ID = "retroperitoneal-leiomyosarcoma"
SHIPPED = Path(__file__).parent.parent / "guidelines" / ID
PATIENT = SHIPPED / "cases" / "V01-index-case-before-surgery.yaml"
NAMES = ["overview", "1-workup", "2-origin", "2-origin-weighing", "3-treatment", "4-surveillance", "sources"]
SECRET = "Jane-Roe-1970"


def some_pages(guideline, assessment=None, *, paper=False):
    """Pages like the real ones, with what they are for as their only text."""
    whose = ("everybody" if assessment is None else "a patient") + (" on paper" if paper else "")
    room = Area(0, 0, 300, 200)

    def page(name):
        words = Text(10, 30, f"{name} for {whose}", 12, "ink", 280)
        stage = name.split("-")[1] if "-" in name else None
        return Page(name, name, Picture(300, 200, name, whose, (Rectangle(room, "paper"), words)), stage)

    return tuple(map(page, NAMES))


@pytest.fixture(autouse=True)
def folder(tmp_path, tmp_path_factory, monkeypatch):
    """An empty folder to be in."""
    monkeypatch.setenv("GUIDEWRIGHT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def drawn(monkeypatch):
    """Without the layout of the real pages."""
    monkeypatch.setitem(sys.modules, "guidewright.visualize.booklet", SimpleNamespace(pages=some_pages))


def draw(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(command, ["draw", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def refused(result: Result, message: str, folder: Path) -> None:
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stdout == ""
    assert tree(folder) == []
    assert list(folder.iterdir()) == []


# --- what is written


@pytest.mark.usefixtures("drawn")
def test_every_page_is_a_file_in_a_folder_named_after_the_guideline(folder):
    result = draw(ID)
    assert result.exit_code == 0
    assert tree(folder) == sorted(f"{ID}-pages/{name}.svg" for name in NAMES)
    assert result.stdout.splitlines() == [f"{ID}-pages/{name}.svg" for name in NAMES]
    for name in NAMES:
        root = ElementTree.parse(folder / f"{ID}-pages/{name}.svg").getroot()
        assert f"{name} for everybody" in "".join(root.itertext())


@pytest.mark.usefixtures("drawn")
def test_a_folder_is_made_or_used_and_nothing_else_in_it_is_touched(folder):
    assert draw(ID, "-o", "made").exit_code == 0
    (folder / "made" / "mine.txt").write_text("mine")
    (folder / "made" / "overview.svg").write_text("old")
    assert draw(ID, "-o", "made").exit_code == 0
    assert (folder / "made" / "mine.txt").read_text() == "mine"
    assert "<svg" in (folder / "made" / "overview.svg").read_text()
    assert tree(folder) == sorted(["made/mine.txt", *(f"made/{name}.svg" for name in NAMES)])


@pytest.mark.usefixtures("drawn")
def test_a_stage_is_its_pages_and_the_overview_can_be_chosen(folder):
    assert draw(ID, "--stage", "origin", "-o", "a").exit_code == 0
    assert tree(folder / "a") == ["2-origin-weighing.svg", "2-origin.svg"]
    assert draw(ID, "--stage", "surveillance", "--stage", "overview", "-o", "b/").exit_code == 0
    assert tree(folder / "b") == ["4-surveillance.svg", "overview.svg"]


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("before", [None, "old"])
def test_one_page_may_be_a_file(folder, before):
    if before is not None:
        (folder / "work-up.svg").write_text(before)
    result = draw(ID, "--stage", "workup", "-o", "work-up.svg")
    assert (result.exit_code, result.stdout) == (0, "work-up.svg\n")
    assert "1-workup for everybody" in (folder / "work-up.svg").read_text()
    assert tree(folder) == ["work-up.svg"]


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("-o", "x.PNG", "--stage", "workup"), ["x.PNG"]),
        (("--format", "png", "--stage", "workup"), [f"{ID}-pages/1-workup.png"]),
        (("--format", "png", "--stage", "workup", "-o", "x"), ["x/1-workup.png"]),
        (("--format", "svg", "--stage", "workup", "-o", "v1.2"), ["v1.2/1-workup.svg"]),
        (("-o", "v1.2/", "--stage", "workup"), ["v1.2/1-workup.svg"]),
        (("-o", "x.pdf"), ["x.pdf"]),
        (("--format", "pdf"), [f"{ID}.pdf"]),
        (("--format", "pdf", "--stage", "workup", "--stage", "overview"), [f"{ID}-workup-overview.pdf"]),
        (("--format", "pdf", "-o", "whole"), ["whole"]),
    ],
)
def test_the_format_and_the_names_follow_from_what_is_said(folder, arguments, names):
    assert draw(ID, *arguments).exit_code == 0
    assert tree(folder) == names
    begins = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF"}
    content = (folder / names[0]).read_bytes()
    assert content.startswith(begins.get(Path(names[0]).suffix.lower(), b"%PDF"))


@pytest.mark.usefixtures("drawn")
def test_a_folder_that_is_there_takes_the_pdf_too(folder):
    (folder / "x").mkdir()
    assert draw(ID, "--format", "pdf", "-o", "x").stdout == f"x/{ID}.pdf\n"


@pytest.mark.usefixtures("drawn")
def test_a_png_is_drawn_at_twice_its_size(folder):
    draw(ID, "--stage", "workup", "-o", "x.png")
    assert struct.unpack(">II", (folder / "x.png").read_bytes()[16:24]) == (600, 400)


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(("paper", "height"), [((), 842), (("--paper", "letter"), 792)])
def test_a_pdf_has_all_pages_on_the_paper(folder, paper, height):
    assert draw(ID, "-o", "x.pdf", *paper).exit_code == 0
    pdf = PdfReader(folder / "x.pdf")
    assert [page.extract_text().strip() for page in pdf.pages] == [f"{name} for everybody on paper" for name in NAMES]
    assert {round(float(page.mediabox.height)) for page in pdf.pages} == {height}
    assert pdf.metadata.title == "Liver lesion after retroperitoneal leiomyosarcoma"


@pytest.mark.usefixtures("drawn")
def test_the_same_command_gives_the_same_bytes(folder):
    for format in ("svg", "png", "pdf"):
        for place in ("a", "b"):
            (folder / place).mkdir(exist_ok=True)
            assert draw(ID, "--format", format, "-o", place).exit_code == 0
    assert tree(folder / "a") == tree(folder / "b")
    for name in tree(folder / "a"):
        assert (folder / "a" / name).read_bytes() == (folder / "b" / name).read_bytes()


# --- the real pages


def test_the_pages_of_a_guideline_are_drawn(folder):
    guideline = load("curb-65")
    names = [page.name for page in pages(guideline)]
    assert {"overview", "1-severity", "2-place"} <= set(names)
    assert draw("curb-65").exit_code == 0
    assert tree(folder / "curb-65-pages") == sorted(f"{name}.svg" for name in names)
    assert draw("curb-65", "-o", "x.pdf").exit_code == 0
    printed = [page.extract_text() for page in PdfReader(folder / "x.pdf").pages]
    assert len(printed) == len(pages(guideline, paper="a4"))
    assert all(NOTICE in text for text in printed)


@pytest.mark.parametrize("case", ["five-points-at-the-limits", "child"])
def test_the_pages_of_a_patient_are_drawn_where_the_guideline_applies_and_where_not(folder, case):
    record = SHIPPED.parent / "curb-65" / "cases" / f"{case}.yaml"
    result = draw("curb-65", "--patient", record, "--engine", "compiled", "-o", "x.pdf")
    assert (result.exit_code, result.output) == (0, "x.pdf\n")
    printed = [page.extract_text() for page in PdfReader(folder / "x.pdf").pages]
    assert all(NOTICE in text for text in printed)
    assert sum(case in text for text in printed) >= 3


# --- a patient


def patient_file(folder: Path, content: str | None = None) -> Path:
    path = folder.parent / f"{SECRET}.yaml"
    text = content if content is not None else PATIENT.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.usefixtures("drawn")
def test_a_patients_pictures_have_a_folder_of_their_own_and_names_that_tell_nothing(folder):
    patient = patient_file(folder, f"patient: {SECRET}\nas_of: 2020-12-15\nfacts: {{}}\n")
    result = draw(ID, "--patient", patient, "--engine", "compiled")
    assert result.exit_code == 0, result.output
    assert tree(folder) == sorted(f"{ID}-patient/{name}.svg" for name in NAMES)
    assert "overview for a patient" in (folder / f"{ID}-patient/overview.svg").read_text()
    pdf = draw(ID, "--patient", patient, "--engine", "compiled", "--format", "pdf")
    assert pdf.stdout == f"{ID}-patient.pdf\n"
    assert SECRET not in result.output + pdf.output


@pytest.mark.usefixtures("drawn")
def test_the_assessment_is_that_of_the_patient_and_the_day(folder, monkeypatch):
    seen = []

    def kept(guideline, assessment=None, *, paper=False):
        seen.append(assessment)
        return some_pages(guideline, assessment)

    monkeypatch.setitem(sys.modules, "guidewright.visualize.booklet", SimpleNamespace(pages=kept))
    patient = patient_file(folder, f"patient: {SECRET}\nas_of: 2020-12-15\nfacts: {{}}\n")
    assert draw(ID, "--patient", patient, "--engine", "compiled", "--as-of", "2021-03-04").exit_code == 0
    assert draw(ID).exit_code == 0
    assert (seen[0].patient, seen[0].as_of.isoformat()) == (SECRET, "2021-03-04")
    assert seen[1] is None


@pytest.mark.usefixtures("drawn")
def test_a_patient_that_cannot_be_read_is_refused(folder):
    patient = patient_file(folder, "patient: x\nas_of: 2020-12-15\nfacts: {no.such: 1}\n")
    refused(draw(ID, "--patient", patient), "no.such", folder)


@pytest.mark.usefixtures("drawn")
def test_a_day_without_a_patient_is_refused(folder):
    refused(draw(ID, "--as-of", "2021-03-04"), "--patient", folder)


# --- the decision graph


@pytest.mark.parametrize(("format", "begins"), [("dot", "digraph"), ("mermaid", "flowchart")])
def test_the_graph_is_printed_or_written(folder, format, begins):
    printed = draw(ID, "--format", format)
    assert printed.exit_code == 0
    assert begins in printed.stdout
    assert "n_workup_" in printed.stdout
    assert "n_origin_" in printed.stdout
    assert tree(folder) == []
    ending = {"dot": "dot", "mermaid": "mmd"}[format]
    assert draw(ID, "-o", f"x.{ending}").stdout == f"x.{ending}\n"
    assert (folder / f"x.{ending}").read_text() == printed.stdout


@pytest.mark.parametrize("format", ["dot", "mermaid"])
def test_a_stage_is_its_part_of_the_graph(format):
    printed = draw(ID, "--format", format, "--stage", "origin")
    assert printed.exit_code == 0
    assert "n_origin_" in printed.stdout
    assert "n_workup_" not in printed.stdout


@pytest.mark.parametrize("format", ["dot", "mermaid"])
def test_a_graph_has_no_overview(folder, format):
    refused(draw(ID, "--format", format, "--stage", "overview"), "has no overview", folder)


@pytest.mark.parametrize(("format", "ending"), [("dot", "dot"), ("mermaid", "mmd")])
def test_the_graph_shows_a_patients_way(folder, format, ending):
    patient = patient_file(folder, f"patient: {SECRET}\nas_of: 2020-12-15\nfacts: {{}}\n")
    day = ("--as-of", "2021-03-04", "--engine", "compiled")
    printed = draw(ID, "--format", format, "--patient", patient, *day)
    assert printed.exit_code == 0, printed.output
    assert tree(folder) == []
    loaded = load(ID)
    marks = marks_of(evaluate_file(loaded, patient, "2021-03-04", engine="compiled"), loaded.ready.guideline)
    made = {"dot": dot_text, "mermaid": mermaid_text}[format]
    assert printed.stdout == made(decision_graph(loaded), marks)
    assert SECRET in printed.stdout
    assert "2021-03-04" in printed.stdout
    written = draw(ID, "--format", format, "--patient", patient, *day, "-o", "./")
    assert written.stdout == f"{ID}-patient.{ending}\n"
    assert (folder / f"{ID}-patient.{ending}").read_text(encoding="utf-8") == printed.stdout
    part = draw(ID, "--format", format, "--patient", patient, *day, "--stage", "origin")
    assert "n_workup_" not in part.stdout
    assert SECRET in part.stdout


# --- the terminal


@pytest.mark.usefixtures("drawn")
def test_one_svg_page_can_be_printed(folder):
    result = draw(ID, "--stage", "workup", "-o", "-")
    assert result.exit_code == 0
    assert "1-workup for everybody" in "".join(ElementTree.fromstring(result.stdout).itertext())
    assert tree(folder) == []


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "one page is printed at a time"),
        (("--format", "png", "--stage", "workup"), "PNG is not printed"),
        (("--format", "pdf"), "PDF is not printed"),
    ],
)
def test_what_cannot_be_printed_is_refused(folder, arguments, message):
    refused(draw(ID, "-o", "-", *arguments), message, folder)


# --- wrong usage


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stage", "wokup"), "the guideline has no stage `wokup`; did you mean `workup`?"),
        (("--stage", "x"), "there are `overview`, `workup`, `origin`, `treatment`, `surveillance`"),
        (("--stage", "x\x1b[31m"), "`x\\x1b[31m`"),
        (("-o", "x.jpg"), "no format has the ending `.jpg`; there are `.svg`"),
        (("-o", "v1.2"), "(a folder is written `v1.2/`)"),
        (("-o", "x.svg", "--format", "png"), "--format png and the ending of `x.svg` do not agree"),
        (("-o", "x.svg"), "7 pages do not go into one file"),
        (("-o", "x.png", "--stage", "origin"), "2 pages do not go into one file"),
        (("--paper", "letter"), "--paper is for a PDF, and this is SVG"),
        (("--paper", "a5", "--format", "pdf"), "a5"),
        (("--format", "jpg"), "jpg"),
        (("--patient", "nowhere.yaml"), "nowhere.yaml"),
        (("-o", "no/where"), "there is no folder `no` to put `no/where` in"),
        (("-o", "no/where.pdf"), "there is no folder `no` to write `no/where.pdf` in"),
        (("-o", "no/where.svg", "--stage", "workup"), "to write `no/where.svg` in; make it first"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_written(folder, arguments, message):
    refused(draw(ID, *arguments), message, folder)


def test_a_guideline_that_is_not_there_is_refused(folder):
    refused(draw("retroperitoneal-leiomyosarkoma"), ID, folder)


@pytest.mark.usefixtures("drawn")
def test_a_stage_without_a_page_is_refused(folder, monkeypatch):
    without = SimpleNamespace(pages=lambda *_, **__: some_pages(None)[:2])
    monkeypatch.setitem(sys.modules, "guidewright.visualize.booklet", without)
    refused(draw(ID, "--stage", "treatment"), "the stage `treatment` has no page", folder)


# --- places that cannot be written


@pytest.mark.usefixtures("drawn")
def test_a_file_where_the_folder_should_be_is_left(folder):
    (folder / f"{ID}-pages").write_text("mine")
    (folder / "x").write_text("mine")
    for arguments in ((), ("-o", "x"), ("-o", "x/")):
        result = draw(ID, *arguments)
        assert result.exit_code == 2
        assert "is no folder" in result.stderr or "not a directory" in result.stderr
    assert tree(folder) == sorted([f"{ID}-pages", "x"])
    assert {path.read_text() for path in folder.iterdir()} == {"mine"}


@pytest.mark.usefixtures("drawn")
def test_a_folder_where_a_file_should_be_keeps_every_other_file_from_being_written(folder):
    (folder / "x" / "4-surveillance.svg").mkdir(parents=True)
    (folder / "x" / "overview.svg").write_text("old")
    result = draw(ID, "-o", "x")
    assert result.exit_code == 2
    assert "`x/4-surveillance.svg` is a folder" in result.stderr
    assert tree(folder) == ["x/overview.svg"]
    assert (folder / "x" / "overview.svg").read_text() == "old"


@pytest.mark.usefixtures("drawn")
def test_a_picture_that_fails_leaves_nothing(folder, monkeypatch):
    real, count = typeset.png_bytes, iter(range(10))

    def third_fails(picture):
        if next(count) == 2:
            raise typeset.TypesettingFailed("no more ink")
        return real(picture)

    monkeypatch.setattr(typeset, "png_bytes", third_fails)
    refused(draw(ID, "--format", "png"), "guidewright: no more ink", folder)


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("format", ["png", "pdf"])
def test_without_typst_the_refusal_says_how_to_get_it(folder, monkeypatch, format):
    monkeypatch.setitem(sys.modules, "typst", None)
    refused(draw(ID, "--format", format), "pip install 'guidewright[documents]'", folder)


@pytest.mark.usefixtures("drawn")
def test_svg_needs_no_typst(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    assert draw(ID).exit_code == 0


# --- writing files


def test_a_full_disk_leaves_what_was_there(folder, monkeypatch):
    (folder / "a").write_text("old")

    class Full(io.BytesIO):
        def write(self, _content):
            raise OSError(28, "No space left on device")

    def opened(path, mode):
        return Full() if len(list(folder.glob(".guidewright-*"))) == 1 else open(path, mode)

    monkeypatch.setattr(output_files, "open", opened, raising=False)
    with pytest.raises(Refused, match=r"cannot write `b`: no space left on device"):
        write_files({Path("a"): b"new", Path("b"): b"new"})
    assert tree(folder) == ["a"]
    assert (folder / "a").read_text() == "old"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(folder):
    (folder / "x").mkdir(mode=0o500)
    with pytest.raises(Refused, match=r"cannot write `x/a`: permission denied"):
        write_files({Path("x/a"): b"new"})


@pytest.mark.parametrize("fault", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")])
def test_a_place_that_may_not_be_written_is_named(folder, monkeypatch, fault):
    def closed(path, mode):
        raise fault

    monkeypatch.setattr(output_files, "open", closed, raising=False)
    with pytest.raises(Refused, match=f"cannot write `x/a`: {fault.strerror.lower()}"):
        write_files({Path("x/a"): b"new"}, Path("x"))
    assert list(folder.iterdir()) == []


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(folder):
    (folder / "real").write_text("old")
    (folder / "link").symlink_to("real")
    write_files({Path("link"): b"new"})
    assert (folder / "link").is_symlink()
    assert (folder / "real").read_text() == "new"


def test_a_device_is_not_replaced(folder):
    os.mkfifo(folder / "pipe")
    with pytest.raises(Refused, match="no ordinary file"):
        write_files({Path("pipe"): b"new"})
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


def test_who_may_read_a_file_stays_as_it_was(folder):
    (folder / "a").write_text("old")
    (folder / "a").chmod(0o600)
    write_files({Path("a"): b"new", Path("b"): b"new"})
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o600
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((folder / "b").stat().st_mode) == 0o666 & ~mask


def test_a_link_that_leads_nowhere_is_no_folder(folder):
    (folder / "x").symlink_to("nowhere")
    with pytest.raises(Refused, match="`x` is no folder"):
        write_files({Path("x/a"): b"new"}, Path("x"))
