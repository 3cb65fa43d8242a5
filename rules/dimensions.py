"""The dimension check of formulas: what cannot be computed is found when a guideline is read, not at a bedside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from guidewright.rules.diagnostics import Diagnostic, Place, error, quoted, warning
from guidewright.rules.formulas import (
    Arithmetic,
    AsOf,
    Call,
    Constant,
    Expression,
    FactValue,
    Function,
    Negative,
    parts_of,
    print_formula,
    whole_constant,
)
from guidewright.rules.model import (
    BooleanType,
    ChoicesType,
    ChoiceType,
    DateType,
    FactType,
    IntegerType,
    QuantityType,
    TextType,
)
from guidewright.rules.units import (
    Dimension,
    Unit,
    UnitProblem,
    convert,
    dimension_power,
    dimension_root,
    dimension_times,
    parse_unit,
    show_dimension,
)

BETWEEN: Mapping[Function, str] = {"months_between": "mo", "days_between": "d", "years_between": "a"}
"""The functions of two days, and the unit of what they give."""

ROUNDING: frozenset[Function] = frozenset({"round", "floor", "ceil"})
"""The functions whose result depends on the unit in which their argument is counted."""


@dataclass(frozen=True, slots=True)
class _Measured:
    """A number of some dimension. `unit` is the one in which a reader would say it, where that is clear."""

    dimension: Dimension
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class _Day:
    pass


_Kind: TypeAlias = _Measured | _Day


def check_dimensions(
    e: Expression, fact_types: Mapping[str, FactType], result: FactType, empirical: bool, place: Place
) -> tuple[Diagnostic, ...]:
    """What is wrong with a formula whose fact has the type `result`; nothing, if it can be computed for every patient.

    Plain numbers (integers, constants without a unit) have no dimension. With `empirical` every quantity is the number
    in its declared unit, without a dimension. Days stand only in the functions of two days. `round`, `floor` and `ceil`
    count a plain number in ones and anything else in the unit of `result`. Facts that `fact_types` does not know are
    passed over.
    """
    check = _Check(fact_types, result, empirical, place)
    found = check.kind(e)
    if found is not None:
        check.result(e, found)
    return tuple(check.found)


def counted_in(e: Call, fact_types: Mapping[str, FactType], result: FactType) -> Unit:
    """The unit in which a `round`, `floor` or `ceil` counts, in a formula that `check_dimensions` passed.

    The formula is not `empirical`: there, everything is counted in ones.
    """
    check = _Check(fact_types, result, False, Place.of_file(""))
    argument = check.kind(e.arguments[0])
    counted = check.counted_in(argument) if isinstance(argument, _Measured) else None
    return _ONE if counted is None else counted


def is_whole(e: Expression, fact_types: Mapping[str, FactType], empirical: bool) -> bool:
    """Whether a formula surely gives whole numbers, whatever the values of its facts."""

    def whole(part: Expression) -> bool:
        return is_whole(part, fact_types, empirical)

    match e:
        case Constant(value, unit):
            return isinstance(value, int) and (empirical or not unit)
        case FactValue(fact):
            return isinstance(fact_types.get(fact), IntegerType)
        case Negative(operand):
            return whole(operand)
        case Arithmetic("+" | "-" | "*", left, right):
            return whole(left) and whole(right)
        case Arithmetic("^", base, exponent):
            return whole(base) and (whole_constant(exponent) or 0) > 0
        case Call("floor" | "ceil" | "round", (_,)):
            return True
        case Call("round", (_, digits)):
            return (whole_constant(digits) or 0) <= 0
        case Call("min" | "max" | "abs", arguments):
            return all(whole(argument) for argument in arguments)
        case Call("days_between"):
            return empirical
        case _:
            return False


class _Check:
    __slots__ = ("_empirical", "_facts", "_place", "_result", "found")

    def __init__(self, facts: Mapping[str, FactType], result: FactType, empirical: bool, place: Place) -> None:
        self.found: list[Diagnostic] = []
        self._facts = facts
        self._result = result
        self._empirical = empirical
        self._place = place

    def _report(self, code: str, message: str, help: str | None = None) -> None:
        self.found.append(error(code, message, self._place, help))

    def _warn(self, message: str, help: str) -> None:
        self.found.append(warning("GW275", message, self._place, help))

    # --- the whole formula

    def result(self, e: Expression, found: _Kind) -> None:
        if isinstance(found, _Day):
            self._report("GW276", f"{_shown(e)} is a day, and a formula gives a number", _DAYS)
            return
        match self._result:
            case IntegerType():
                if found.dimension:
                    help = "divide by a unit, as in `floor(x / 1 mo)`, or make the fact a `quantity`"
                    self._report("GW277", f"the formula gives {_measure(found)}, and its fact is an integer", help)
                elif not is_whole(e, self._facts, self._empirical):
                    help = "write `round(…)`, `floor(…)` or `ceil(…)`, or make the fact a `quantity`"
                    self._report("GW279", "the formula may give a part of a number, and its fact is an integer", help)
            case QuantityType(unit):
                if self._empirical:
                    return
                if found.dimension != unit.dimension:
                    wanted = _measure(_Measured(unit.dimension, unit))
                    self._report("GW277", f"the formula gives {_measure(found)}, and its fact is {wanted}", _EMPIRICAL)
                elif not unit.dimension and unit.factor == _PERCENT and _times_a_hundred(e):
                    text = f"the formula is multiplied by 100, and then converted to `{unit.text}`"
                    self._warn(text, "leave `* 100` out: a ratio becomes a percentage by itself")
            case other:
                message = f"a formula gives a number, and its fact is a {_TYPE_NAMES[type(other)]}"
                self._report("GW276", message, "use `holds` or a `table`")

    # --- its parts; `None` says that a part is wrong, and that this is reported

    def kind(self, e: Expression) -> _Kind | None:
        match e:
            case Constant(_, unit):
                return self._constant(e, unit)
            case FactValue(fact):
                return self._fact(fact)
            case AsOf():
                return _Day()
            case Negative(operand):
                return self._number(operand)
            case Arithmetic("+" | "-" as operator, left, right):
                days = self._about_days(left, right)
                return None if days else self._alike((left, right), "added" if operator == "+" else "subtracted")
            case Arithmetic("^", base, exponent):
                return self._power(base, exponent)
            case Arithmetic(operator, left, right):
                return self._product(left, right, 1 if operator == "*" else -1)
            case Call(function, arguments):
                return self._call(e, function, arguments)

    def _constant(self, e: Constant, unit_text: str) -> _Kind | None:
        if not unit_text:
            return _Measured((), _ONE)
        if self._empirical:
            help = "write the number alone, in the unit that the published equation takes"
            self._report("GW273", f"an empirical formula computes with bare numbers, and {_shown(e)} has a unit", help)
            return None
        unit = parse_unit(unit_text)
        if isinstance(unit, UnitProblem):
            self._report("GW273", unit.message, unit.help)
            return None
        return _Measured(unit.dimension, unit)

    def _fact(self, fact: str) -> _Kind | None:
        match self._facts.get(fact):
            case None:
                return None
            case IntegerType():
                return _Measured((), _ONE)
            case QuantityType(unit):
                return _Measured((), _ONE) if self._empirical else _Measured(unit.dimension, unit)
            case DateType():
                return _Day()
            case other:
                help = "a formula computes with numbers: give each value its number by a `table` or a `score`"
                self._report("GW276", f"`{fact}` is a {_TYPE_NAMES[type(other)]} and cannot be computed with", help)
                return None

    def _number(self, e: Expression) -> _Measured | None:
        found = self.kind(e)
        if isinstance(found, _Day):
            self._report("GW276", f"{_shown(e)} is a day and cannot be computed with", _DAYS)
            return None
        return found

    def _about_days(self, left: Expression, right: Expression) -> bool:
        """Reports a sum or difference with days in it, in words that fit."""
        dated = [side for side in (left, right) if self._is_day(side)]
        if len(dated) == 2:
            help = f"write `days_between({print_formula(right)}, {print_formula(left)})`"
            message = f"{_shown(left)} and {_shown(right)} are days and cannot be subtracted or added"
            self._report("GW276", message, help)
        elif dated:
            self._report("GW276", f"{_shown(dated[0])} is a day: nothing can be added to it", _DAYS)
        return bool(dated)

    def _is_day(self, e: Expression) -> bool:
        return isinstance(e, AsOf) or (isinstance(e, FactValue) and isinstance(self._facts.get(e.fact), DateType))

    def _alike(self, operands: tuple[Expression, ...], done: str) -> _Measured | None:
        kinds = [self._number(operand) for operand in operands]
        sound = [kind for kind in kinds if kind is not None]
        if len(sound) < len(kinds):
            return None
        first = sound[0]
        for operand, kind in zip(operands, sound, strict=True):
            if kind.dimension != first.dimension:
                message = f"{_shown(operands[0])} is {_measure(first)}, {_shown(operand)} {_measure(kind)}"
                help = _with_unit(operands[0], first, operand, kind)
                self._report("GW275", f"{message}: they cannot be {done}", help)
                return None
        factors = {kind.unit.factor if kind.unit is not None else None for kind in sound}
        bare = [e for e in operands if isinstance(e, Constant) and not e.unit and e.number != 0]
        if not first.dimension and factors - {1, None} and bare:
            one, hundred = (print_formula(Constant(bare[0].number * times, "%")) for times in (1, 100))
            message = f"{_shown(bare[0])} beside a percentage can be read in two ways"
            self._report("GW275", message, f"write `{one}` or `{hundred}`")
            return None
        return first if len(factors) == 1 else _Measured(first.dimension)

    def _product(self, left: Expression, right: Expression, exponent: int) -> _Measured | None:
        one, other = self._number(left), self._number(right)
        if one is None or other is None:
            return None
        if exponent == -1 and right == Constant(100) and one.unit is not None and one.unit.factor == _PERCENT:
            self._warn(f"{_shown(left)} is a ratio already and is divided by 100", "leave `/ 100` out")
        dimension = dimension_times(one.dimension, dimension_power(other.dimension, exponent))
        if exponent == 1:
            return other if one.unit == _ONE else one if other.unit == _ONE else _Measured(dimension)
        if isinstance(right, Constant) and right.number == 1 and not dimension:
            return _Measured((), _ONE)  # `x / 1 mm`: how many millimetres
        # A ratio of plain numbers is spoken of in percent as well as in ones.
        keeps = other.unit == _ONE and (one.dimension or isinstance(right, Constant))
        return one if keeps else _Measured(dimension)

    def _power(self, base: Expression, exponent: Expression) -> _Measured | None:
        one, other = self._number(base), self._number(exponent)
        if one is None or other is None:
            return None
        if other.dimension:
            message = f"the exponent {_shown(exponent)} is {_measure(other)}, and must be a plain number"
            self._report("GW275", message, _EMPIRICAL)
            return None
        if not one.dimension:
            return _Measured(())
        power = whole_constant(exponent)
        if power is None:
            message = f"{_shown(base)} is {_measure(one)}: its exponent cannot be {_shown(exponent)}"
            self._report("GW275", message, "write a whole number such as `2`; `sqrt(x)` takes a root")
            return None
        return _Measured(dimension_power(one.dimension, power))

    def _call(self, e: Call, function: Function, arguments: tuple[Expression, ...]) -> _Measured | None:
        if function in BETWEEN:
            return self._between(function, arguments)
        if function in ("min", "max"):
            return self._alike(arguments, "compared")
        argument = self._number(arguments[0])
        if argument is None:
            return None
        if function == "abs":
            return argument
        if function in ROUNDING:
            return self._rounded(e, argument)
        if function == "sqrt":
            root = dimension_root(argument.dimension, 2)
            if root is None:
                message = f"{_shown(arguments[0])} is {_measure(argument)} and has no square root"
                self._report("GW275", message, _EMPIRICAL)
                return None
            return _Measured(root)
        if argument.dimension:
            help = f"divide by a unit, as in `{function}(x / 1 {argument.unit.text if argument.unit else 'mm'})`"
            message = f"`{function}` takes a plain number, and {_shown(arguments[0])} is {_measure(argument)}"
            self._report("GW275", message, help)
            return None
        return _Measured(())

    def _between(self, function: Function, arguments: tuple[Expression, ...]) -> _Measured | None:
        kinds = [self.kind(argument) for argument in arguments]
        for argument, kind in zip(arguments, kinds, strict=True):
            if isinstance(kind, _Measured):
                message = f"`{function}` counts from one day to another, and {_shown(argument)} is {_measure(kind)}"
                self._report("GW276", message, "name two date facts, or one and `as_of`")
        if not all(isinstance(kind, _Day) for kind in kinds):
            return None
        return _Measured((), _ONE) if self._empirical else _unit(BETWEEN[function])

    def counted_in(self, argument: _Measured) -> Unit | None:
        """The unit in which an argument is rounded: ones or the unit of the result, `None` where it can be neither."""
        target = self._result.unit if isinstance(self._result, QuantityType) and not self._empirical else _ONE
        if argument.unit == _ONE:
            return _ONE
        if argument.dimension == target.dimension:
            return target
        return None if argument.dimension else _ONE

    def _rounded(self, e: Call, argument: _Measured) -> _Measured | None:
        """What is rounded must be spoken of in the unit in which it is counted.

        Otherwise `floor` of five years and a half would be 66 months, and its reader would expect 60.
        """
        counted = self.counted_in(argument)
        spoken = argument.unit
        if counted is not None and (spoken is None or spoken.factor == counted.factor):
            return _Measured(argument.dimension, counted)
        unit = spoken.text if spoken is not None else "mm"
        help = f"say in which unit to count, as in `{e.function}(x / 1 {unit}) * 1 {unit}`"
        where = "in the unit of the result" if counted is None else f"in `{counted.text}`"
        message = f"`{e.function}` cannot count {_shown(e.arguments[0])}, {_measure(argument)}, {where}"
        self._report("GW278", message, help)
        return None


_DAYS = "count from one day to another with `days_between`, `months_between` or `years_between`"
_EMPIRICAL = "for a published equation that mixes units, write `empirical: true`"
_ONE = Unit("1", (), Fraction(1))
_PERCENT = Fraction(1, 100)


def _unit(text: str) -> _Measured:
    unit = parse_unit(text)
    assert isinstance(unit, Unit)
    return _Measured(unit.dimension, unit)


def _shown(e: Expression) -> str:
    return quoted(print_formula(e))


def _measure(kind: _Measured) -> str:
    if not kind.dimension and (kind.unit is None or kind.unit == _ONE):
        return "a plain number"
    if kind.unit is None:
        return f"a quantity of {show_dimension(kind.dimension)}"
    return f"a quantity in `{kind.unit.text}`"


def _with_unit(one: Expression, first: _Measured, other: Expression, second: _Measured) -> str | None:
    """What may be meant: the unit of the other side, where one is a bare constant."""
    if first.unit is not None and second.unit is not None and first.dimension and second.dimension:
        problem = convert(1, second.unit, first.unit)
        return problem.help if isinstance(problem, UnitProblem) else None
    for e, unit in ((one, second.unit), (other, first.unit)):
        if isinstance(e, Constant) and not e.unit and unit is not None:
            return f"write `{print_formula(Constant(e.number, unit.text))}` if that is meant"
    return None


def _times_a_hundred(e: Expression) -> bool:
    if isinstance(e, Arithmetic) and e.operator == "*" and Constant(100) in (e.left, e.right):
        return True
    return any(_times_a_hundred(part) for part in parts_of(e))


_TYPE_NAMES: Mapping[type, str] = {
    BooleanType: "boolean",
    ChoiceType: "choice",
    ChoicesType: "set of choices",
    DateType: "date",
    TextType: "text",
}
