"""The sheet 口径: one row for every switch and window of raw logs, and how its values are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from xl_kpi.cells import plain
from xl_kpi.errors import InputError, Problem, nearest
from xl_kpi.sources.definition import Definition

Words: TypeAlias = tuple[str, str]
CONNECTION = "connection"

# By field of the definition: what it is called, what it says.
SETTINGS: Mapping[str, tuple[Words, Words]] = {
    "after_sales": (
        ("过滤售后", "Filter after-sales"),
        ("买后几天内又来、没有再下单的顾客不计接待（F1）",
         "Buyers who come back and order nothing are not counted (F1)"),
    ),
    "after_sales_days": (
        ("售后天数", "After-sales days"),
        ("付款后第几天为止算售后", "Days after the payment that count as after-sales"),
    ),
    "advert": (
        ("过滤广告", "Filter adverts"),
        ("用过滤语回复达到次数的顾客不计接待（F2）", "Customers answered with the phrase are not counted (F2)"),
    ),
    "advert_phrase": (
        ("广告过滤语", "Advert phrase"),
        ("约定的那句话；日志有消息原文，或会话有“广告语次数”才用得上",
         "The reserved phrase; needs messages, or a column of how often it was used"),
    ),
    "advert_times": (("广告语次数", "Advert times"), ("一次会话里用到几次算广告", "So often in one chat")),
    "one_liner": (
        ("过滤简单句", "Filter one-liners"),
        ("只说一句、再没有回应的顾客不计接待（F3）", "Customers of one line are not counted (F3)"),
    ),
    "one_liner_replies": (
        ("简单句回复数", "One-liner replies"), ("客服至少回复几句才算", "After so many lines of the agent"),
    ),
    "filtered_are_received": (
        ("过滤只影响询单", "Filter inquiries only"),
        ("是：过滤掉的人仍算接待，只是不算询单", "yes: filtered customers are received, not inquiring"),
    ),
    "order_days": (
        ("下单归属天数", "Order days"), ("会话之后第几天为止下单算这位客服的", "An order so many days after the chat"),
    ),
    "payment_days": (("付款期限天数", "Payment days"), ("下单之后第几天为止付款算数", "A payment so many days after")),
    "order_ripe_days": (("下单到期天数", "Orders final after"), ("几天后下单数不再变", "Days until orders are final")),
    "payment_ripe_days": (("付款到期天数", "Payments final after"), ("几天后付款数不再变", "Days until payments are final")),
    "satisfied_from": (("满意起点", "Satisfied from"), ("评分从几分起算满意", "Ratings from here on are satisfied")),
    "praised_from": (("好评起点", "Praised from"), ("评分从几分起算好评", "Ratings from here on are praise")),
    CONNECTION: (
        ("连接", "Connection"),
        ("空白 = 本机；大日志写 spark://主机:端口，或 DuckDB 数据库文件",
         "blank = this PC; spark://host:port for large logs, or a DuckDB file"),
    ),
}  # fmt: skip
_YES, _NO = ("是", "yes", "true", "1"), ("否", "no", "false", "0")
_SHOWN = (("否", "是"), ("no", "yes"))
_LABELS = {plain(word): key for key, (words, _) in SETTINGS.items() for word in (key, *words)}
_LABELS[plain("Filters spare received")] = "filtered_are_received"  # of earlier English books


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How raw logs are counted and where they are worked on."""

    definition: Definition = Definition()  # noqa: RUF009  (frozen)
    connection: str = ""


def preset_settings(lang: str) -> list[dict[str, str | float | None]]:
    """The rows of the sheet in a new book: item, value, meaning."""
    english = int(lang == "en")
    preset = Definition()
    return [
        {
            "item": names[english],
            "value": _cell(getattr(preset, key, ""), english),
            "meaning": meaning[english],
        }
        for key, (names, meaning) in SETTINGS.items()
    ]


def _cell(value: object, english: int) -> str | float | None:
    if isinstance(value, bool):
        return _SHOWN[english][value]
    return float(value) if isinstance(value, int | float) else str(value) or None


def read_settings(rows: Sequence[Mapping[Any, Any]], where: str) -> LogSettings:
    """The settings that rows of item and value say; what is blank or absent is the preset.

    Args:
        rows: ``item`` and ``value`` as texts, and ``cell``: where the value stands.
        where: The sheet.

    Raises:
        InputError: with every row that cannot be used.
    """
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    for row in rows:
        item, value, cell = row["item"], row["value"], row.get("cell", where)
        key = _LABELS.get(plain(str(item)))
        if key is None:
            near = nearest(str(item), [names[0] for names, _ in SETTINGS.values()])
            fix = f"是不是“{near}”？" if near else "删掉这一行，或从新模板复制这张表"
            problems.append(Problem(cell, f"不认得口径“{item}”", fix))
        elif key in found:
            problems.append(Problem(cell, f"口径“{item}”写了两行", "只留一行"))
        else:
            found[key] = None
            if isinstance(value, str) and value.strip():
                found[key] = value.strip()
    values: dict[str, Any] = dict(_values(found, where, problems))
    connection = str(values.pop(CONNECTION, ""))
    definition = Definition()
    try:
        definition = Definition(**values)
    except InputError as error:
        for problem in error.problems:
            key = problem.where.removeprefix("口径 ")
            problems.append(Problem(f"{where} {SETTINGS[key][0][0]}", problem.what, problem.fix))
    if problems:
        raise InputError(problems)
    return LogSettings(definition, connection)


def _values(
    found: Mapping[str, str | None], where: str, problems: list[Problem]
) -> Iterator[tuple[str, object]]:
    kinds = {field.name: str(field.type) for field in fields(Definition)}
    for key, text in found.items():
        if text is None:
            continue
        kind = kinds.get(key, "str")
        place = f"{where} {SETTINGS[key][0][0]}"
        if kind == "str":
            yield key, text
        elif kind == "bool":
            if text.casefold() in (*_YES, *_NO):
                yield key, text.casefold() in _YES
            else:
                problems.append(Problem(place, f"“{text}”要填是或否", "写 是 或 否"))
        else:
            try:
                number = float(text)
            except ValueError:
                number = float("nan")
            if number != number or abs(number) > 1e6 or (kind == "int" and number % 1):
                problems.append(Problem(place, f"“{text}”不能用", "填一个整数" if kind == "int" else "填一个数"))
            else:
                yield key, int(number) if kind == "int" else number
