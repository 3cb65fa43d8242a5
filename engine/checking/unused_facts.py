"""Facts that nothing uses, and facts that rules use but nobody is asked for: seen without a proof."""

from __future__ import annotations

from guidewright.engine.checking.claims import Fault, Faults, where
from guidewright.engine.program import Program, conditions_of
from guidewright.rules.conditions import tests_of
from guidewright.rules.model import TextType


def fact_faults(program: Program) -> Faults:
    """Texts are there to be shown, and what is derived is an answer of its own, so neither need be used."""
    guideline = program.guideline
    used = {test.fact for condition in conditions_of(program) for test in tests_of(condition)}
    used |= {input for inputs in program.inputs.values() for input in inputs}
    used |= {rule.timing.start for rule in guideline.rules.values() if rule.timing is not None and rule.timing.start}
    asked = {fact for rule in guideline.rules.values() for fact in rule.asks}
    for fact in guideline.facts.values():
        if fact.derivation is not None or isinstance(fact.type, TextType):
            continue
        here = where(("", fact.place))
        if fact.id not in used | asked:
            message = f"nothing uses the fact `{fact.id}`"
            help = "test it in a rule, or leave it out if nobody wants to read it in an answer"
            yield Fault("GW216", message, (fact.id,), here, help, "note")
        elif fact.question is None:
            message = f"no question asks for `{fact.id}`, which the guideline uses"
            yield Fault("GW217", message, (fact.id,), here, "give it a `question`", "note")
