"""Which boxes stand under one another, where a page may be cut, and how far its boxes are apart."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import tried

from guidewright.visualize.arranging import arranged
from guidewright.visualize.lanes import MANNERS, Arrow, Manner, clean_cuts, lanes_of
from guidewright.visualize.placing import GAP, Size, placed
from guidewright.visualize.routing import chart

PLAIN = MANNERS[0]
DETOURS = Manner(spread=False, detour=2)
SPREAD = Manner(spread=True, detour=0)


def ways(*pairs: tuple[int, int]) -> list[Arrow]:
    tails = [tail for tail, _ in pairs]
    return [Arrow(tail, head, f"to {head}" if tails.count(tail) > 1 else "") for tail, head in pairs]


def lanes(count: int, arrows: list[Arrow], manner: Manner = PLAIN) -> list[int]:
    found = lanes_of(range(count), arrows, manner)
    return [found[box] for box in range(count)]


CHAIN = ways((0, 1), (1, 2), (2, 3))
EXIT = ways((0, 1), (0, 2), (2, 3))
DETOUR = ways((0, 1), (0, 2), (1, 2), (2, 3), (3, 4))
THREE = ways((0, 1), (0, 2), (0, 3), (3, 4), (4, 5))


@pytest.mark.parametrize(
    ("count", "arrows", "manner", "expected"),
    [
        (4, CHAIN, PLAIN, [0, 0, 0, 0]),
        (4, EXIT, PLAIN, [0, 1, 0, 0]),
        (5, DETOUR, PLAIN, [0, 0, 0, 0, 0]),
        (5, [*DETOUR, Arrow(4, 5)], DETOURS, [0, 1, 0, 0, 0]),
        (6, THREE, PLAIN, [0, 1, 1, 0, 0, 0]),
        (6, THREE, SPREAD, [0, 1, 2, 0, 0, 0]),
        (1, [], PLAIN, [0]),
    ],
)
def test_the_main_way_runs_down_the_first_lane(
    count: int, arrows: list[Arrow], manner: Manner, expected: list[int]
) -> None:
    assert lanes(count, arrows, manner) == expected


def test_of_equal_ways_the_last_answer_is_the_main_one() -> None:
    assert lanes(3, ways((0, 1), (0, 2))) == [0, 1, 0]


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        (CHAIN, [1, 2, 3]),
        (EXIT, [2, 3]),
        (DETOUR, [2, 3, 4]),
        (ways((0, 1), (0, 3), (1, 2), (2, 3)), [3]),
        (ways((0, 1), (2, 3)), [1, 3]),
    ],
)
def test_a_page_is_cut_where_all_ways_meet(arrows: list[Arrow], expected: list[int]) -> None:
    count = max(arrow.head for arrow in arrows) + 1
    assert clean_cuts(range(count), arrows) == expected


def random_arrows(random: Random, count: int) -> list[Arrow]:
    pairs = {(random.randrange(head), head) for head in range(1, count)}
    pairs |= {(n, random.randrange(n + 1, count)) for n in range(count - 1) if random.randrange(3) == 0}
    return ways(*sorted(pairs))


@tried(60)
@given(st.integers(0, 10**9), st.integers(1, 30))
def test_boxes_of_a_lane_never_overlap_and_tops_never_decrease(seed: int, count: int) -> None:
    random = Random(seed)
    arrows = random_arrows(random, count)
    deciding = {arrow.tail for arrow in arrows if arrow.label}
    sizes = [
        Size(height := random.choice([24.0, 60.0, 140.0]), height / 2, box in deciding, 24 / height)
        for box in range(count)
    ]
    for manner in MANNERS:
        lane = lanes_of(range(count), arrows, manner)
        made = placed(range(count), sizes, arrows, lane, 150.0, 0.0)
        tops = [made.tops[box] for box in range(count)]
        assert tops == sorted(tops)
        assert min(tops) == tops[0] == 0
        for which in set(lane.values()):
            in_lane = [box for box in range(count) if lane[box] == which]
            for above, below in pairwise(in_lane):
                assert tops[below] >= tops[above] + sizes[above].height + min(GAP, 15) - 1e-9
        assert len(made.runs) == len(arrows)
        assert made.height >= max(top + size.height for top, size in zip(tops, sizes, strict=True)) - 1e-9
        for run in made.runs:
            # An arrow never leads up.
            assert run.enter >= run.y - 1e-9
            if run.channel is not None:
                assert run.y - 1e-9 <= run.channel <= run.enter


@tried(30)
@given(st.integers(0, 10**9), st.integers(1, 25))
def test_everything_lies_inside_the_chart(seed: int, count: int) -> None:
    random = Random(seed)
    arrows = random_arrows(random, count)
    deciding = {arrow.tail for arrow in arrows if arrow.label}
    sizes = [Size(60.0, 30.0, box in deciding, 0.4) for box in range(count)]
    found, width = arranged(count, arrows, lambda _: sizes, (600.0, 800.0))
    assert sorted(found.places) == list(range(count))
    assert {(drawn.arrow.tail, drawn.arrow.head) for drawn in found.arrows} == {(a.tail, a.head) for a in arrows}
    for place in found.places.values():
        assert place.width == width
        assert place.x >= 0
        assert place.right <= found.width + 1e-9
        assert place.bottom <= found.height + 1e-9
    for drawn in found.arrows:
        for x, y in drawn.points:
            assert -1e-9 <= x <= found.width + 1e-9
            assert -1e-9 <= y <= found.height + 1e-9


def test_a_long_chain_is_set_in_columns_for_a_wide_room_and_in_one_for_a_high_one() -> None:
    count = 12
    arrows = ways(*((n, n + 1) for n in range(count - 1)))
    sizes = [Size(60.0, 30.0, False) for _ in range(count)]
    wide, _ = arranged(count, arrows, lambda _: sizes, (900.0, 400.0))
    high, _ = arranged(count, arrows, lambda _: sizes, (300.0, 1200.0))
    assert len({place.x for place in wide.places.values()}) >= 3
    assert len({place.x for place in high.places.values()}) == 1
    assert wide.height <= 400
    assert high.height <= 1200


def test_an_arrow_from_one_column_to_the_next_is_one_line() -> None:
    count = 4
    sizes = [Size(60.0, 30.0, False)] * count
    halves = [
        placed(range(begin, begin + 2), sizes, CHAIN, dict.fromkeys(range(count), 0), 150.0, 22.0 if begin else 0.0)
        for begin in (0, 2)
    ]
    found = chart(halves, sizes, 150.0)
    (between,) = [drawn for drawn in found.arrows if (drawn.arrow.tail, drawn.arrow.head) == (1, 2)]
    assert between.points[0] == (found.places[1].centre[0], found.places[1].bottom)
    assert between.points[-1] == (found.places[2].centre[0], found.places[2].y)
