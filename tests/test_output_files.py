"""Where files of a command go: their names, a folder of another origin, and what an earlier run wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from planting import CURB, MINIMAL, run

from guidewright import check_command
from guidewright.output import Refused
from guidewright.output_files import check_folder, free_name, write_again

OURS = "# ours"


@pytest.mark.parametrize(
    "texts",
    [
        ["x", "x", "x.2", "x"],
        ["x.2", "x", "x", "x.2"],
        ["x", "X", "x"],
        ["a/b", "a b", "a-b"],
        ["n" * 100 + "1", "n" * 100 + "2"],
    ],
)
def test_every_file_has_a_name_of_its_own(texts: list[str]) -> None:
    taken: set[str] = set()
    names = [free_name(text, taken) for text in texts]
    assert len({name.casefold() for name in names}) == len(texts)
    assert names[0] == texts[0].replace("/", "-")[:100]
    assert all(len(name) < 110 for name in names)


@pytest.mark.parametrize("there", ["missing", "theirs", "ours"])
def test_a_link_is_never_ours(there: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yaml"
    if there != "missing":
        elsewhere.write_text(OURS if there == "ours" else "theirs")
    into = tmp_path / "into"
    into.mkdir()
    (into / "a.yaml").symlink_to(elsewhere)
    with pytest.raises(Refused, match=r"is not one of ours.* with --witness"):
        write_again({into / "a.yaml": b"# ours, again"}, into, "--witness", OURS)
    assert elsewhere.exists() == (there != "missing")
    assert not elsewhere.exists() or "again" not in elsewhere.read_text()


def test_what_is_ours_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    into = tmp_path / "into"
    for text in (b"# ours 1", b"# ours 2"):
        write_again({into / "a.yaml": text}, into, "--witness", OURS)
        assert (into / "a.yaml").read_bytes() == text
    (into / "b.yaml").mkdir()
    with pytest.raises(Refused, match="is not one of ours"):
        write_again({into / "a.yaml": b"# ours 3", into / "b.yaml": b""}, into, "--witness", OURS)
    assert (into / "a.yaml").read_bytes() == b"# ours 2"


@pytest.mark.parametrize("where", ["the installation", "a file", "a link", "nowhere"])
def test_a_folder_that_cannot_be_written_into_is_told_before_the_proofs(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_command, "_findings", lambda *arguments: pytest.fail("it proved something"))
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "not" / "there")
    into, told = {
        "the installation": (CURB / "cases", "belongs to the installation; name a folder of your own with --witness"),
        "a file": (tmp_path / "file", "is no folder; name another place with --witness"),
        "a link": (tmp_path / "link", "is no folder; name another place with --witness"),
        "nowhere": (tmp_path / "no" / "where", "there is no folder"),
    }[where]
    result = run("check", MINIMAL, "--witness", into)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_folder_may_be_there_or_missing(tmp_path: Path) -> None:
    check_folder(tmp_path, "--into")
    check_folder(tmp_path / "new", "--into")
    assert not (tmp_path / "new").exists()
