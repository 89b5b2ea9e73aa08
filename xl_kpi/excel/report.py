"""The result tables of a book: which columns they have, in the order of thought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xl_kpi.names import PARTS, Names, indicator_label
from xl_kpi.scheme import Indicator, PayItem, Scheme
from xl_kpi.tables import ROSTER

# Cell styles of the template, by the unit of what a column holds.
TEXT, LONG_TEXT, COUNT, MONEY, PAY, RATIO, POINTS, NUMBER, LINK = (
    "KPI 文本", "KPI 长文本", "KPI 整数", "KPI 金额", "KPI 应发", "KPI 比率", "KPI 分数", "KPI 数值", "KPI 链接",
)  # fmt: skip
STYLE_OF_UNIT = {
    "yuan": MONEY, "ratio": RATIO, "points": POINTS, "count": COUNT, "rate": NUMBER,
    "days": COUNT, "s": POINTS, "months": COUNT, "place": COUNT, "grade": TEXT,
}  # fmt: skip
# Of the line over a result table: by what it tells and its unit.
UNIT_STYLE = "KPI 单位"
TOTAL_STYLES = {
    ("sum", "yuan"): "KPI 合计 金额", ("sum", "count"): "KPI 合计 整数", ("sum", "s"): "KPI 合计 秒",
    ("sum", "people"): "KPI 合计 人数", ("people", ""): "KPI 合计 人数",
    ("average", "points"): "KPI 平均 分数", ("average", "yuan"): "KPI 平均 金额",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of a result table: header, cell style of the template, width in characters."""

    label: str
    style: str
    width: float
    group: str  # 人员, 数据, 指标, 得分, 薪资, 后续: the heading above
    key: str
    unit: str = ""
    total: str = ""  # what stands over it: "sum", "average" or "people"; "" is its unit only
    folded: bool = False  # a detail that one looks up, not what one shows


SCHEME_KEY = "scheme"  # of the column that says whose scheme it is
LINK_KEY = "link"  # of the column that leads to a person's lines on 追溯

WORDS = {
    "person": ("人员", "Person"),
    "counts": ("数据", "Counts"),
    "metrics": ("指标", "Metrics"),
    "points": ("得分", "Points"),
    "steps": ("计算步骤（不另发）", "Steps (not paid)"),
    "money": ("薪资", "Pay"),
    "follow_up": ("后续", "Follow-up"),
    "pay": ("应发合计", "Pay"),
    "true_ups": ("往月差额", "True-ups"),
    "payable": ("本月共发", "Paid this month"),
    "scheme": ("方案", "Scheme"),
    "link": ("追溯", "Trace"),
    "sum": ("合计/平均", "Sum/average"),
    "averages": ("人均得分", "Average points"),
    "heads": ("人数", "People"),
    "assessed": ("考核人数", "Assessed"),
    "paid": ("领薪人数", "People paid"),
    "each": ("人均应发", "Pay per person"),
    "total": ("总分", "Total score"),
    "place": ("名次", "Place"),
    "grade": ("等级", "Grade"),
    "strengths": ("优势", "Strengths"),
    "gaps": ("待改进", "To improve"),
    "follows": ("后续安排", "What follows"),
    "group": ("部门/店铺", "Department or shop"),
    "item": ("项目", "Item"),
    "value": ("数值", "Value"),
    "unit": ("单位", "Unit"),
    "formula": ("公式", "Formula"),
    "figures": ("代入数字", "With figures"),
    "cell": ("参数单元格", "Parameter cell"),
    "clause": ("条款", "Clause"),
    "clause_text": ("条款说明", "What it says"),
    "cycle": ("周", "Week"),
    "explanation": ("说明", "Explanation"),
    "origin": ("原期间", "Of month"),
    "paid_then": ("月结时", "When closed"),
    "now": ("现在", "Now"),
    "difference": ("差额", "Difference"),
    "reason": ("原因", "Reason"),
    "booked": ("入账期间", "Booked in"),
    "light": ("级别", "Level"),
    "where": ("位置", "Where"),
    "what": ("问题", "What"),
    "fix": ("怎么改", "How to mend it"),
}


def word(key: str, lang: str) -> str:
    """A word of the result sheets."""
    return WORDS[key][0 if lang == "zh" else 1]


def style_of(unit: str) -> str:
    """The template's cell style for a unit."""
    return STYLE_OF_UNIT.get(unit, NUMBER)


def people_columns(scheme: Scheme, lang: str, *, closed: bool = False) -> list[ReportColumn]:
    """个人结果: who → counts → metrics → points → score → money → what follows."""
    names = Names(scheme)
    person, counts, metrics, points, money = (
        word(group, lang) for group in ("person", "counts", "metrics", "points", "money")
    )
    columns = [
        ReportColumn(
            ROSTER.column(key).label(lang), TEXT, width, person, key,
            total="people" if key == "department" else "",
        )
        for key, width in (("person_id", 11), ("name", 13), ("department", 14), ("shop", 15),
                           ("role", 13), ("status", 14))
    ]  # fmt: skip
    columns.insert(2, ReportColumn(word("link", lang), LINK, 7, person, LINK_KEY))
    used = {key for i in scheme.indicators for key in names.counts_of[i.metric]}
    for count in names.counts.columns:
        if count.key in used:
            style = COUNT if count.unit == "s" else style_of(count.unit)  # sums of seconds
            columns.append(
                ReportColumn(count.label(lang), style, 12, counts, count.key, count.unit, "sum", True)
            )
    for indicator in scheme.indicators:
        label = indicator_label(scheme, indicator, lang)
        unit = scheme.metrics[indicator.metric].unit
        key = f"metric:{indicator.name}"
        columns.append(
            ReportColumn(label, style_of(unit), 12, metrics, key, unit, folded=_is_detail(indicator))
        )
    for indicator in scheme.indicators:
        if indicator.rule == "none":
            continue
        label = indicator_label(scheme, indicator, lang) + PARTS["points"][lang == "en"]
        columns.append(
            _points(label, 12, points, f"points:{indicator.name}", folded=_is_detail(indicator))
        )
    columns += [_points(block, 12, points, f"block:{block}") for block in scheme.blocks]
    columns.append(_points(word("total", lang), 12, points, "total"))
    columns.append(ReportColumn(word("place", lang), COUNT, 8, points, "place"))
    if scheme.grades:
        columns.append(ReportColumn(word("grade", lang), TEXT, 8, points, "grade"))
    columns += [
        ReportColumn(
            item.name, style_of(item.unit), 14, _of_item(item, lang), f"item:{item.name}", item.unit,
            "sum" if item.unit == "yuan" else "",
        )
        for item in _steps_first(scheme)
    ]  # fmt: skip
    columns.append(ReportColumn(word("pay", lang), PAY, 15, money, "pay", "yuan", "sum"))
    if closed:
        columns += _closed_columns(lang)
    columns += [
        ReportColumn(word(key, lang), LONG_TEXT, 36, word("follow_up", lang), key)
        for key in ("strengths", "gaps", "follows")
    ]
    return distinct(columns)


def _steps_first(scheme: Scheme) -> list[PayItem]:
    """The items of a person: those that others are made of, then those that are paid."""
    mine = [item for item in scheme.pay_items if item.level == "person"]
    return sorted(mine, key=lambda item: item.paid)


def _of_item(item: PayItem, lang: str) -> str:
    return word("money" if item.paid else "steps", lang)


def _closed_columns(lang: str) -> list[ReportColumn]:
    """What this month pays for closed ones, and with its own pay."""
    return [
        ReportColumn(word(key, lang), MONEY, 15, word("money", lang), key, "yuan", "sum")
        for key in ("true_ups", "payable")
    ]


def _points(label: str, width: float, group: str, key: str, *, folded: bool = False) -> ReportColumn:
    return ReportColumn(label, POINTS, width, group, key, "points", "average", folded)


def _is_detail(indicator: Indicator) -> bool:
    """Events are many, and hardly anybody has one: their block adds them up."""
    return indicator.rule == "R09"


def department_sum_columns(
    scheme: Scheme, lang: str, *, closed: bool = False
) -> list[ReportColumn]:
    """部门合计: how many → average points → sums of money."""
    person, averages, money = (word(group, lang) for group in ("person", "averages", "money"))
    columns = [
        ReportColumn(ROSTER.column("department").label(lang), TEXT, 18, person, "department"),
        ReportColumn(word("heads", lang), COUNT, 12, person, "heads", "people", "sum"),
        ReportColumn(word("assessed", lang), COUNT, 12, person, "assessed", "people", "sum"),
        *(_points(block, 12, averages, f"block:{block}") for block in scheme.blocks),
        _points(word("total", lang), 12, averages, "total"),
    ]
    columns += [
        ReportColumn(item.name, MONEY, 15, _of_item(item, lang), f"item:{item.name}", "yuan", "sum")
        for item in _steps_first(scheme)
        if item.unit == "yuan"
    ]
    columns += [
        ReportColumn(word("pay", lang), PAY, 16, money, "pay", "yuan", "sum"),
        ReportColumn(word("paid", lang), COUNT, 12, money, "paid", "people", "sum"),
        ReportColumn(word("each", lang), MONEY, 14, money, "each", "yuan", "average"),
    ]
    if closed:
        columns += _closed_columns(lang)
    return distinct(columns)


_SUMS = ("total", "place", "grade", "pay", "paid", "each", "true_ups", "payable")
_GROUPS = ("person", "counts", "metrics", "points", "averages", "steps", "money", "follow_up")


def columns_of_all(
    per_scheme: Sequence[list[ReportColumn]], lang: str, *, of_people: bool = True
) -> list[ReportColumn]:
    """The columns of several schemes as one table: the same figure in one column, groups together.

    A column that says whose scheme it is stands after the person's, where rows are ``of_people``.
    """
    if len(per_scheme) == 1:
        return per_scheme[0]
    merged = {column.key: column for columns in per_scheme for column in columns}
    scheme = ReportColumn(word("scheme", lang), TEXT, 8, word("person", lang), SCHEME_KEY)
    own = [c for c in merged.values() if c.group == word("person", lang)]
    order = [word(group, lang) for group in _GROUPS]
    rest = [c for c in merged.values() if c.group != word("person", lang)]
    rest.sort(
        key=lambda c: (order.index(c.group) if c.group in order else len(order), _closing(c.key))
    )
    return distinct([*own, *([scheme] if of_people else []), *rest])


def _closing(key: str) -> int:
    """Blocks, total, place, grade and pay stand behind what they sum up."""
    return 1 if key.startswith("block:") else _SUMS.index(key) + 2 if key in _SUMS else 0


def distinct(columns: list[ReportColumn]) -> list[ReportColumn]:
    """Excel wants each header once: a second one gets its group behind it."""
    taken: set[str] = set()
    made = []
    for one in columns:
        label = one.label
        while label.casefold() in taken:
            label = f"{label} ({one.group})"
        taken.add(label.casefold())
        made.append(replace(one, label=label))
    return made


def _plain(keys: tuple[tuple[str, str, float], ...], lang: str) -> list[ReportColumn]:
    return [ReportColumn(word(key, lang), style, width, "", key) for key, style, width in keys]


def department_columns(lang: str) -> list[ReportColumn]:
    """部门结果: one row per figure, with its formula and the policy's sentence."""
    return _plain(
        (("group", TEXT, 14), ("item", TEXT, 16), ("value", NUMBER, 14), ("unit", TEXT, 8),
         ("formula", LONG_TEXT, 44), ("figures", LONG_TEXT, 44), ("cell", TEXT, 22), ("clause", TEXT, 14),
         ("clause_text", LONG_TEXT, 34)),
        lang,
    )  # fmt: skip


def week_columns(scheme: Scheme, lang: str) -> list[ReportColumn]:
    """周积分: one row per person and week; value, place and points of each weekly indicator."""
    columns = [
        ReportColumn(ROSTER.column(key).label(lang), TEXT, width, word("person", lang), key)
        for key, width in (("person_id", 11), ("name", 13), ("shop", 15))
    ]
    columns.insert(2, ReportColumn(word("cycle", lang), COUNT, 6, word("person", lang), "cycle"))
    for indicator in scheme.indicators:
        if indicator.cycle != "week":
            continue
        name = indicator_label(scheme, indicator, lang)
        unit = scheme.metrics[indicator.metric].unit
        columns.append(ReportColumn(name, style_of(unit), 11, name, f"value:{indicator.name}", unit))
        if indicator.rule == "R05":
            label = name + PARTS["place"][lang == "en"]
            columns.append(ReportColumn(label, COUNT, 8, name, f"place:{indicator.name}"))
        if indicator.rule != "none":
            label = name + PARTS["points"][lang == "en"]
            columns.append(_points(label, 10, name, f"points:{indicator.name}"))
    return columns


def trace_columns(lang: str) -> list[ReportColumn]:
    """追溯: where every number of every person comes from."""
    person = [
        ReportColumn(ROSTER.column(key).label(lang), TEXT, width, "", key)
        for key, width in (("person_id", 11), ("name", 12))
    ]
    return person + _plain(
        (("item", TEXT, 22), ("value", NUMBER, 13), ("unit", TEXT, 7),
         ("explanation", LONG_TEXT, 62),
         ("cell", TEXT, 22), ("clause", TEXT, 14), ("clause_text", LONG_TEXT, 45)),
        lang,
    )  # fmt: skip


def true_up_columns(lang: str) -> list[ReportColumn]:
    """往月差额: what closed months pay more or less by now, and why."""
    person = [
        ReportColumn(ROSTER.column(key).label(lang), TEXT, 10, "", key) for key in ("person_id", "name")
    ]
    return _plain((("origin", TEXT, 10),), lang) + person + _plain(
        (("item", TEXT, 16), ("paid_then", MONEY, 12), ("now", MONEY, 12), ("difference", MONEY, 12),
         ("reason", LONG_TEXT, 70), ("booked", TEXT, 10)), lang
    )  # fmt: skip


def check_columns(lang: str) -> list[ReportColumn]:
    """检查: what to mend, where and how."""
    return _plain(
        (("light", TEXT, 10), ("where", LONG_TEXT, 28), ("what", LONG_TEXT, 60), ("fix", LONG_TEXT, 50)), lang
    )


