"""A scheme's formula as a plain Excel formula over the cells of a sheet.

It means the same as ``formula.evaluate``: arithmetic with a blank is blank, a comparison with a
blank is FALSE, figures are compared at twelve digits and a difference below that is 0.  Whatever
would be written twice goes into a helper column first, so formulas stay short.
"""

from __future__ import annotations

from collections.abc import Callable

from xl_kpi.catalogue import FUNCTIONS, Bands, Keyed, comparison_key, fill
from xl_kpi.formula import (
    AGGREGATES,
    Binary,
    Call,
    FormulaError,
    Literal,
    Name,
    Node,
    Scope,
    Unary,
    evaluate,
    unparse,
)
from xl_kpi.rounding import significant
from xl_kpi.twin.calls import Given, rule_call
from xl_kpi.twin.people import over_people
from xl_kpi.twin.sheets import Column, SideBySide
from xl_kpi.twin.terms import Level, Term, merged

MISSING = Term('""', open=True)
_SUM, _PRODUCT, _POWER, _PERCENT = 1, 2, 3, 4
_LABEL = 40  # letters of a formula that head its column


def formula_twin(node: Node, level: Level) -> str:
    """The plain formula of a scheme's formula, without its ``=``; blank where it is missing.

    Raises:
        NoTwinError: it calls a function that has no plain formula.
    """
    return number(term(node, level), level).whole


def term(node: Node, level: Level) -> Term:
    """A node of a formula as text over cells."""
    match node:
        case Literal(value):
            return constant(value)
        case Name():
            return _name(node, level)
        case Unary(operator, operand):
            return _unary(operator, _figure(operand, level))
        case Binary(operator, left, right) if operator in _ARITHMETIC:
            return _ARITHMETIC[operator](left, right, level)
        case Binary(operator, left, right):
            return _comparison(operator, left, right, level)
        case Call(function, (argument,)) if function in AGGREGATES and (
            level.below is not None or level.has_below
        ):
            return _aggregate(function, argument, level)
        case Call(function, _) if function in _NATIVE:
            return _NATIVE[function](node, level)
        case Call():
            return _rule(node, level)


def constant(value: object) -> Term:
    """A figure, text or truth value as typed."""
    if isinstance(value, bool):
        return Term("TRUE" if value else "FALSE", "logical", constant=value)
    if isinstance(value, str | float | int):
        return Term(unparse(Literal(value)), "text" if isinstance(value, str) else "number",
                    constant=value)  # fmt: skip
    raise FormulaError("数组 { } 只能作 KPI_ 函数的参数")


def _name(node: Name, level: Level) -> Term:
    meaning = level.find(node.name)
    if isinstance(meaning, Bands | list):
        raise FormulaError(f"曲线“{node.name}”只能作 KPI_ 函数的参数")
    return level.term(meaning)


def number(part: Term, level: Level) -> Term:
    """A term as a number; a text is blank."""
    if part.kind == "logical":
        return Term(f"IF({part.text},1,0)")
    if part.kind == "number":
        return part
    if part.constant is not None:
        return MISSING
    here = cell(part, level).text
    return Term(here, needs=(here,))


def cell(part: Term, level: Level, label: str = "") -> Term:
    """A term short enough to be written twice: itself, or its own helper column."""
    if part.short:
        return part
    made = level.step(label or "步骤", part.whole)
    if part.kind == "number":
        return made
    return Term(made.text, part.kind, source=made.source)


def _label(node: Node) -> str:
    return unparse(node)[:_LABEL]


def _figure(node: Node | None, level: Level) -> Term:
    """A number that can stand inside arithmetic."""
    part = MISSING if node is None else number(term(node, level), level)
    return cell(part, level, "" if node is None else _label(node)) if part.open else part


def _cell_of(node: Node | None, level: Level) -> Term:
    """A number as one cell."""
    part = _figure(node, level)
    return cell(part, level, "" if node is None else _label(node))


# --- arithmetic ----------------------------------------------------------------------------


def _bracketed(part: Term, binds: int) -> str:
    return part.text if part.binds >= binds else f"({part.text})"


def _unary(operator: str, part: Term) -> Term:
    if operator == "+":
        return part
    if operator == "-":
        typed = None if part.constant is None else -part.constant
        text, binds = f"-{_bracketed(part, _PERCENT)}", 0
    else:
        typed = None if part.constant is None else part.constant / 100
        text, binds = (
            (f"{_bracketed(part, _PERCENT)}%", _PERCENT)
            if typed is not None
            else (f"{_bracketed(part, _PRODUCT)}/100", _PRODUCT)
        )
    return Term(text, "number", part.needs, part.unless, binds, constant=typed)


def _plus(left: Node, right: Node, level: Level) -> Term:
    a, b = _figure(left, level), _figure(right, level)
    return Term(f"{_bracketed(a, _SUM)}+{_bracketed(b, _SUM + 1)}", "number", *merged(a, b), _SUM)


def _times(left: Node, right: Node, level: Level) -> Term:
    a, b = _figure(left, level), _figure(right, level)
    text = f"{_bracketed(a, _PRODUCT)}*{_bracketed(b, _PRODUCT + 1)}"
    return Term(text, "number", *merged(a, b), _PRODUCT)


def _minus(left: Node, right: Node, level: Level) -> Term:
    a, b = _cell_of(left, level), _cell_of(right, level)
    gap, size = f"{a.text}-{b.text}", f"MAX(ABS({a.text}),ABS({b.text}))"
    return Term(f"IF(ABS({gap})<1E-12*{size},0,{gap})", "number", *merged(a, b))


def _divided(left: Node, right: Node, level: Level) -> Term:
    a, b = _figure(left, level), _cell_of(right, level)
    needs, unless = merged(a, b)
    if not b.constant:
        unless = (*unless, f"{b.text}=0")
    return Term(f"{_bracketed(a, _PRODUCT)}/{b.text}", "number", needs, unless, _PRODUCT)


def _power(left: Node, right: Node, level: Level) -> Term:
    a, b = _cell_of(left, level), _cell_of(right, level)
    needs, unless = merged(a, b)
    zero = f"AND({a.text}=0,{b.text}<=0)"
    root = f"AND({a.text}<0,{b.text}<>INT({b.text}))"
    return Term(f"{a.text}^{b.text}", "number", needs, (*unless, zero, root), _POWER)


_ARITHMETIC: dict[str, Callable[[Node, Node, Level], Term]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _divided,
    "^": _power,
}


# --- comparisons ---------------------------------------------------------------------------


def _comparison(operator: str, left: Node, right: Node, level: Level) -> Term:
    sides = [term(left, level), term(right, level)]
    if "" in (sides[0].constant, sides[1].constant):
        other, node = (sides[0], left) if sides[1].constant == "" else (sides[1], right)
        return _blank_test(operator, cell(other, level, _label(node)))
    if any(side.kind == "text" for side in sides):
        keys = [cell(side, level) for side in sides]
    else:
        keys = [_key(node, level) for node in (left, right)]
    tests = [f'{key.text}<>""' for key in keys if key.constant is None]
    compared = f"{keys[0].text}{operator}{keys[1].text}"
    if not tests:
        return Term(compared, "logical", binds=0)
    return Term(f"AND({','.join([*tests, compared])})", "logical")


def _blank_test(operator: str, asked: Term) -> Term:
    """``x = ""`` or ``x <> ""``; nothing else can be said of a blank."""
    if operator not in ("=", "<>"):
        return constant(False)
    if asked.constant is not None:
        return constant((asked.constant == "") == (operator == "="))
    return Term(f'{asked.text}{operator}""', "logical", binds=0)


def _key(node: Node, level: Level) -> Term:
    """A figure at twelve digits, as it is compared (C9)."""
    figure = _cell_of(node, level)
    if figure.constant is not None:
        return constant(float(significant(figure.constant)))
    return level.step(f"{_label(node)} 12位", fill(comparison_key("x"), lambda *_: figure.text))


# --- functions -----------------------------------------------------------------------------


def _holds(part: Term, level: Level) -> str:
    """A term as a condition; what is blank does not hold."""
    if part.kind == "logical":
        return part.text
    if part.constant is not None:
        return "TRUE" if part.kind == "number" and part.constant != 0 else "FALSE"
    here = cell(part, level).text
    return f"IF(ISNUMBER({here}),{here}<>0,FALSE)"


def _conditions(call: Call, level: Level) -> Term:
    tests = [_holds(MISSING if a is None else term(a, level), level) for a in call.arguments]
    return Term(f"{call.function}({','.join(tests)})", "logical")


def _if(call: Call, level: Level) -> Term:
    test, *rest = (MISSING if a is None else term(a, level) for a in call.arguments)
    branches = [rest[0], rest[1] if len(rest) > 1 else constant(0)]
    branches = [MISSING if branch.constant == "" else branch for branch in branches]
    words = any(branch.kind == "text" for branch in branches)
    branches = [b if b.kind == "text" else number(b, level) for b in branches]
    text = ",".join(branch.whole for branch in branches)
    blanks = any(branch.may_be_blank for branch in branches)
    if test.kind == "logical":
        text = f"IF({test.text},{text})"
    else:
        here = cell(test, level).text
        text, blanks = f'IF(ISNUMBER({here}),IF({here}<>0,{text}),"")', True
    return Term(text, "text" if words else "number", open=blanks)


def _strict(call: Call, level: Level) -> Term:
    """MIN, MAX, ABS: blank if one argument is."""
    figures = [_figure(argument, level) for argument in call.arguments]
    text = f"{call.function}({','.join(figure.text for figure in figures)})"
    return Term(text, "number", *merged(*figures))


def _round(call: Call, level: Level) -> Term:
    digits = call.arguments[1]
    places = 0 if digits is None else int(evaluate(digits, Scope({}, 1)))
    if places != 0:
        figure = _figure(call.arguments[0], level)
        return Term(f"ROUND({figure.text},{places})", "number", figure.needs, figure.unless)
    figure = _cell_of(call.arguments[0], level)
    return Term(whole_number(figure.text), "number", figure.needs, figure.unless)


def whole_number(x: str) -> str:
    """A cell rounded to a whole number on the 15 digits one sees (C1), as LibreOffice does not."""
    return f"IF({x}=0,0,ROUND(ROUND({x},14-INT(LOG10(ABS({x})))),0))"


def _counted(call: Call, level: Level) -> list[str]:
    """The cells of a function that leaves blanks out."""
    return [_cell_of(argument, level).text for argument in call.arguments]


def _sum(call: Call, level: Level) -> Term:
    return Term(f"{call.function}({','.join(_counted(call, level))})")


def _average(call: Call, level: Level) -> Term:
    cells = ",".join(_counted(call, level))
    return Term(f'IF(COUNT({cells})=0,"",AVERAGE({cells}))', open=True)


def _past(call: Call, level: Level) -> Term:
    name, periods = call.arguments
    if level.past is None or not isinstance(name, Name) or not isinstance(periods, Literal):
        raise FormulaError("PAST 写成 PAST(名称, 几期前)，如 PAST(总分, 1)")
    column = level.past(name.name, int(periods.value))
    assert isinstance(column, Column)
    return level.term(column)


def _lookup(call: Call, level: Level) -> Term:
    """The value of a curve by category."""
    key, name = call.arguments
    curve = level.find(name.name) if isinstance(name, Name) else None
    if key is None or not isinstance(name, Name) or not isinstance(curve, Keyed):
        raise FormulaError("LOOKUP 的第 2 个参数要写按类别的曲线")
    rows = [(word, None, value, None) for word, value in zip(curve.keys, curve[0], strict=True)]
    table = level.policy.table(f"曲线 {name.name}", rows)
    here = cell(term(key, level), level, _label(key)).text
    found = f"({table.at('from')}={here})"
    text = f"SUMPRODUCT({found}*1,{table.at('value')})"
    return Term(f'IF({here}="","",IF(SUMPRODUCT({found}*1)=0,"",{text}))', open=True)


_NATIVE: dict[str, Callable[[Call, Level], Term]] = {
    "IF": _if,
    "AND": _conditions,
    "OR": _conditions,
    "MIN": _strict,
    "MAX": _strict,
    "ABS": _strict,
    "ROUND": _round,
    "LOOKUP": _lookup,
    "PAST": _past,
    "SUM": _sum,
    "COUNT": _sum,
    "AVERAGE": _average,
}


def _aggregate(function: str, argument: Node | None, level: Level) -> Term:
    below = level.below
    if argument is None:
        raise FormulaError(f"{function} 缺少参数")
    if below is None:  # nobody has a refund
        return constant(0.0) if function in ("SUM", "COUNT") else MISSING
    people = below.people
    figure = number(term(argument, people), people)
    if not isinstance(figure.source, Column):
        figure = people.step(_label(argument), figure.whole)
    return over_people(function, figure, level, below)


def _rule(call: Call, level: Level) -> Term:
    rule = FUNCTIONS.get(call.function)
    if rule is None:
        raise FormulaError(f"没有函数 {call.function}")
    kinds = [argument.kind for argument in rule.arguments]
    given = [_given(a, level, kind) for a, kind in zip(call.arguments, kinds, strict=False)]
    return rule_call(rule, given, level)


def _given(node: Node | None, level: Level, kind: str) -> Given:
    """An argument of a KPI function: a cell, a figure or text as typed, a table or a history."""
    if node is None:
        return None
    if kind == "history" and isinstance(node, Name) and level.past is not None:
        history = level.past(node.name, None)
        assert isinstance(history, SideBySide)
        return history
    if isinstance(node, Literal) and isinstance(node.value, list):
        return node.value
    if isinstance(node, Name):
        meaning = level.find(node.name)
        if isinstance(meaning, Bands | list):
            return meaning
    part = term(node, level)
    if part.constant is None and part.kind == "logical":
        part = number(part, level)
    return cell(part, level, _label(node))
