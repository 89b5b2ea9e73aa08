"""What is wrong with a formula before anyone is paid: names, functions, levels, arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from xl_kpi.catalogue import FUNCTIONS
from xl_kpi.errors import nearest
from xl_kpi.formula.evaluation import AGGREGATES, NATIVE
from xl_kpi.formula.tree import Binary, Call, Literal, Name, Node, Unary, names_in, parts

ARITY = {"IF": (2, 3), "ABS": (1, 1), "ROUND": (2, 2), "LOOKUP": (2, 2), "PAST": (2, 2)}
_MOST_PERIODS = 24  # that a formula looks back
_MOST_ARGUMENTS = 255  # of a function in Excel
_IN_ORDER = ("<", "<=", ">", ">=")


class Vocabulary(Protocol):
    """The names that a formula may use at its level."""

    def knows(self, name: str) -> bool:
        """Whether the name can be used here as it is."""

    def knows_below(self, name: str) -> bool:
        """Whether the name is one figure per person, for SUM and its like."""

    def has_past(self, name: str) -> bool:
        """Whether closed periods have the name's figure, for PAST and KPI_STREAK."""

    def all_names(self) -> Sequence[str]:
        """Every name, for suggestions."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a formula and how to mend it."""

    what: str
    fix: str
    names: tuple[str, ...] = field(default_factory=tuple)


def check(node: Node, vocabulary: Vocabulary) -> list[Finding]:
    """Everything wrong with a formula, each thing once, in reading order."""
    return list(dict.fromkeys(_findings(node, vocabulary, below=False)))


def _findings(node: Node, words: Vocabulary, *, below: bool) -> Iterator[Finding]:
    """``below``: inside SUM and its like, where names are figures per person."""
    match node:
        case Name(name):
            if not (words.knows_below(name) if below else words.knows(name)):
                yield _unknown_name(name, words, below=below)
        case Unary(_, operand):
            yield from _array_findings(operand)
        case Binary(operator, left, right):
            yield from _array_findings(left, right)
            if operator in _IN_ORDER and any(_is_text(side) for side in (left, right)):
                yield Finding(f"“{operator}”不能比较文字", "文字只能用 = 或 <> 比较")
        case Call(function, _) if function not in NATIVE and function not in FUNCTIONS:
            yield from _unknown_function(node, words)
            return
        case Call():
            yield from _call_findings(node)
            yield from _past_findings(node, words)
            if node.function in AGGREGATES and len(node.arguments) == 1:
                yield from _aggregate_findings(node, words, below=below)
                below = below or any(words.knows_below(name) for name in names_in(node))
    for part in parts(node):
        yield from _findings(part, words, below=below)


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)


def _array_findings(*operands: Node) -> Iterator[Finding]:
    if any(isinstance(x, Literal) and isinstance(x.value, list) for x in operands):
        yield Finding("数组 { } 不能直接计算", "数组只能作 KPI_ 函数的参数")


# --- names ---------------------------------------------------------------------------------

_ADDRESS = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+|.*[!:\[].*")
_FULL_WIDTH = re.compile("[（）＋－＊／％＝＜＞≥≤≠×÷，；“”]")


def _unknown_name(name: str, words: Vocabulary, *, below: bool) -> Finding:
    if not below and words.knows_below(name):
        return Finding(
            f"“{name}”是每个人的数字，这里要一个部门的数字",
            f"写成 SUM({name})、AVERAGE({name}) 等",
            (name,),
        )
    return Finding(f"没有“{name}”这个名称", _fix_name(name, words), (name,))


def _fix_name(name: str, words: Vocabulary) -> str:
    if _FULL_WIDTH.search(name):
        return "公式里的括号、逗号、引号和运算符要用英文（半角）的"
    near = nearest(name, words.all_names())
    if near:
        return f"是不是“{near}”？"
    if _ADDRESS.fullmatch(name):
        return "公式里写名称，不写单元格地址"
    return "名称要与指标、薪资项、曲线或数据列的名称一致"


# --- functions -----------------------------------------------------------------------------


def _unknown_function(call: Call, words: Vocabulary) -> Iterator[Finding]:
    function = call.function
    near = nearest(function, [*NATIVE, *FUNCTIONS])
    if not function.isascii():
        yield Finding(f"没有函数 {function}", "名称里有括号的，要加单引号 '…'")
        return
    fix = f"是不是 {near}？" if near else f"可用：{'、'.join(NATIVE)} 和 KPI_ 函数"
    yield Finding(f"没有函数 {function}", fix)
    for name in names_in(call):
        if not words.knows(name) and not words.knows_below(name):
            yield _unknown_name(name, words, below=False)


def _call_findings(call: Call) -> Iterator[Finding]:
    function, given = call.function, len(call.arguments)
    least, most = _arity(function)
    if not least <= given <= most:
        wanted = str(least) if least == most else f"{least} 至 {most}"
        wanted = f"至少 {least}" if most == _MOST_ARGUMENTS else wanted
        yield Finding(f"{function} 有 {given} 个参数", f"{function} 要 {wanted} 个参数")
        return
    if function in NATIVE:
        yield from _native_findings(call)
        return
    for argument, typed in zip(FUNCTIONS[function].arguments, call.arguments, strict=False):
        if typed is None and not argument.optional:
            yield Finding(f"{function} 缺少“{argument.zh}”", "补上这个参数")
        figure = argument.kind in ("number", "whole") and not argument.choices
        if figure and typed is not None and _is_text(typed) and argument.shape != "groups":
            yield Finding(f"{function} 的“{argument.zh}”是文字", "写数字或名称，不加引号")
    twin = FUNCTIONS[function].twin
    if twin is not None and twin.beside:
        yield Finding(f"{function} 给出几列数字，不能写在方案的公式里", "改用只给一列的函数")


def _past_findings(call: Call, words: Vocabulary) -> Iterator[Finding]:
    """What PAST and KPI_STREAK look back at has to be in the 历史 table."""
    if call.function == "PAST" and len(call.arguments) == ARITY["PAST"][1]:
        name, periods = call.arguments
        number = periods.value if isinstance(periods, Literal) else None
        if not isinstance(name, Name) or number not in range(1, _MOST_PERIODS + 1):
            yield Finding(
                "PAST 读不懂", f"写成 PAST(名称, 几期前)，几期前是 1 至 {_MOST_PERIODS} 的整数"
            )
            return
        yield from _without_past(name, words)
    if call.function in FUNCTIONS:
        for argument, node in zip(FUNCTIONS[call.function].arguments, call.arguments, strict=False):
            if argument.kind == "history" and isinstance(node, Name):
                yield from _without_past(node, words)


def _without_past(node: Name, words: Vocabulary) -> Iterator[Finding]:
    if words.knows(node.name) and not words.has_past(node.name):
        yield Finding(
            f"“{node.name}”没有往期", "往期只有个人的计数、指标、得分、总分、等级和薪资项，且只能用在个人一级"
        )


def _arity(function: str) -> tuple[int, int]:
    if function in NATIVE:
        return ARITY.get(function, (1, _MOST_ARGUMENTS))
    arguments = FUNCTIONS[function].arguments
    return sum(1 for a in arguments if not a.optional), len(arguments)


def _native_findings(call: Call) -> Iterator[Finding]:
    if None in call.arguments:
        position = call.arguments.index(None) + 1
        yield Finding(f"{call.function} 的第 {position} 个参数没有写", '补上；要空白就写 ""')
    yield from _array_findings(*(a for a in call.arguments if a is not None))
    if call.function == "ROUND":
        digits = call.arguments[1]
        if digits is not None and any(True for _ in names_in(digits)):
            yield Finding("ROUND 的小数位不是一个固定的数", "小数位直接写数字，如 2")


def _aggregate_findings(call: Call, words: Vocabulary, *, below: bool) -> Iterator[Finding]:
    """SUM and its like of one thing are for a department's people."""
    function = call.function
    if below:
        yield Finding(f"合计里面又有 {function}", "先把里面的一项写成单独的薪资项，再合计")
    elif all(words.knows(n) and not words.knows_below(n) for n in names_in(call)):
        yield Finding(
            f"{function} 里只有一项，不是每个人的数字，没有什么可合计",
            f"{function} 里写几项（用逗号隔开）；要合计各人的数字，写在“部门”一级的薪资项里",
        )
