"""The weighing as it stands in the answer."""

from __future__ import annotations

from guidewright.engine.assessment import ArgumentAnswer, CandidateAnswer, WeighingAnswer
from guidewright.engine.needs import Needs, argument_needs
from guidewright.engine.weighing import Weighed, WeighingResult
from guidewright.rules.model import Argument
from guidewright.rules.units import show_number


def weighing_answer(result: WeighingResult, state: Needs) -> WeighingAnswer:
    return WeighingAnswer(
        id=result.weighing.id,
        question=result.weighing.question,
        leading=result.leading,
        possible=result.possible,
        excluded=result.excluded,
        confirmed=result.confirmed,
        candidates=tuple(_candidate(weighed, state) for weighed in result.candidates),
    )


def _candidate(weighed: Weighed, state: Needs) -> CandidateAnswer:
    return CandidateAnswer(
        id=weighed.candidate.id,
        label=weighed.candidate.label,
        net=show_number(weighed.net),
        low=show_number(weighed.low),
        high=show_number(weighed.high),
        supporting=tuple(_argument(argument, ()) for argument in weighed.supporting),
        opposing=tuple(_argument(argument, ()) for argument in weighed.opposing),
        open=tuple(_argument(argument, argument_needs(argument.id, state)) for argument in weighed.open),
    )


def _argument(argument: Argument, needs: tuple[str, ...]) -> ArgumentAnswer:
    decisive = "confirms" if argument.confirms else "excludes" if argument.excludes else None
    return ArgumentAnswer(argument.id, argument.says, show_number(argument.weight), decisive, needs)
