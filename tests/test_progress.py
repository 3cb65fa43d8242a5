"""The bar on the terminal: only there, only after a second, and never moving back."""

import io
import re
import sys

import pytest
from planting import CURB, found_in

from guidewright import check_command, progress
from guidewright.rules.load import load_guideline

_BAR = re.compile(r"\[(█*)(·*)\] (\d+) of (\d+)(?:: (.+?))? *$")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Not a fixture: pytest puts its own stream in place before the test itself."""
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    return stderr


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def rows(shown: str) -> list[str]:
    """What can be read on the row of the terminal, one after the other."""
    assert "\n" not in shown
    found = [""]
    for written in filter(None, shown.split("\r")):
        found.append((written + found[-1][len(written) :]).rstrip())
    return found[1:]


def test_nothing_is_shown_in_the_first_second(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    terminal = on_terminal(monkeypatch)
    with progress.progress_bar() as told:
        told("rules", 1, 40)
        clock[0] = 0.9
        told("rules", 2, 40)
        told("", 40, 40)
    assert terminal.getvalue() == ""


def test_the_bar_says_how_much_is_done_and_goes(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    terminal = on_terminal(monkeypatch)
    with progress.progress_bar() as told:
        clock[0] = 1.1
        told("a long name", 12, 40)
        told("rows", 20, 40)
        told("", 40, 40)
    assert rows(terminal.getvalue()) == [
        f"[{'█' * 9}{'·' * 21}] 12 of 40: a long name",
        f"[{'█' * 15}{'·' * 15}] 20 of 40: rows",
        "",
    ]


def test_the_bar_never_moves_back(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    terminal = on_terminal(monkeypatch)
    with progress.progress_bar() as told:
        clock[0] = 2
        told("rules", 30, 60)
        told("rules", 31, 90)
    filled = [len(match[1]) for row in rows(terminal.getvalue()) if (match := _BAR.match(row))]
    assert filled == [15, 15]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_the_bar_goes_whatever_happens(
    stop: type[BaseException], monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    terminal = on_terminal(monkeypatch)

    def work() -> None:
        with progress.progress_bar() as told:
            clock[0] = 2
            told("rules", 30, 60)
            raise stop

    with pytest.raises(stop):
        work()
    assert rows(terminal.getvalue()) == [f"[{'█' * 15}{'·' * 15}] 30 of 60: rules", ""]


def test_nothing_is_shown_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    terminal = on_terminal(monkeypatch)
    with progress.progress_bar(wanted=False) as told:
        clock[0] = 2
        told("cases", 1, 40)
    assert terminal.getvalue() == ""


def test_nothing_is_shown_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    for stderr in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stderr)
        with progress.progress_bar() as told:
            clock[0] += 2
            told("rules", 1, 40)
        assert stderr is None or stderr.getvalue() == ""


def test_the_looks_are_counted_evenly_to_the_last() -> None:
    told: list[tuple[str, int, int]] = []
    found_in(CURB, notes=True, progress=lambda what, done, of: told.append((what, done, of)))
    done = [one for _, one, _ in told]
    assert done == list(range(len(told)))
    of = [all for _, _, all in told]
    assert of == sorted(of)
    assert told[-1] == ("", len(told) - 1, len(told) - 1)
    names = list(dict.fromkeys(what for what, _, _ in told))
    assert names[:2] == ["what the guideline claims", "rules"]
    assert names[-2:] == ["patients who show it", ""]


def test_check_shows_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(progress, "_SLOW", -1.0)
    guideline = load_guideline(CURB).guideline
    assert guideline is not None
    check_command._findings(guideline, fast=False, notes=True)
    *shown, last = rows(terminal.getvalue())
    bars = [match for row in shown if (match := _BAR.match(row))]
    assert len(bars) == len(shown) > 50
    assert (bars[0][3], len(bars[-1][1])) == ("0", 29)
    assert last == ""
