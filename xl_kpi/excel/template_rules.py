"""Drop-downs, input messages and conditional formats of the template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xl_kpi.errors import SEVERITIES
from xl_kpi.excel import layout
from xl_kpi.excel import layout_words as words
from xl_kpi.excel.palette import (
    ACCENT,
    AMBER,
    AMBER_FILL,
    BAR,
    GREEN,
    GREEN_FILL,
    GREY_FILL,
    GROUP_SHADES,
    QUIET,
    RED,
    RED_FILL,
    SHADES,
)
from xl_kpi.excel.reconciliation_words import AGREES, UNKNOWN
from xl_kpi.excel.report import ReportColumn
from xl_kpi.excel.template_styles import Styles
from xl_kpi.scheme_rows import preset_metrics, preset_rows
from xl_kpi.scheme_tables import CURVES, METRICS, UNITS
from xl_kpi.tables import ROSTER, Column, Table, column_letter

Rule = dict[str, Any]

STAFF_IDS, METRIC_NAMES = "kpi_staff_ids", "kpi_metric_names"
YES_NO = {"zh": ["是", "否"], "en": ["yes", "no"]}
_LARGEST = 1e12
_LONGEST_LIST = 255  # characters of a list typed into a rule
_FIRST_DATE = dt.date(1950, 1, 1)


def curve_names(scheme_id: str) -> str:
    """The defined name of a scheme's curves."""
    return f"{scheme_id}_curve_names"


def defined_names(lang: str, schemes: tuple[str, ...]) -> dict[str, str]:
    """Names for the columns that drop-downs take their entries from."""

    def column(table: str, declared: Table, key: str) -> str:
        return f"={table}[{declared.column(key).label(lang)}]"

    return {
        STAFF_IDS: column(ROSTER.excel_name, ROSTER, "person_id"),
        METRIC_NAMES: column(METRICS.excel_name, METRICS, "metric"),
        **{
            curve_names(scheme_id): column(
                layout.scheme_table_name(scheme_id, CURVES), CURVES, "name"
            )
            for scheme_id in schemes
        },
    }


def validation(
    table: Table, column: Column, lang: str, schemes: tuple[str, ...]
) -> Rule | None:
    """What may be typed into a column: a drop-down, a kind of number, or only a message.

    Args:
        table: The input or scheme table.
        column: One of its columns.
        lang: Language of the book.
        schemes: The book's schemes; of a scheme table, its own.
    """
    rule = _allowed(table, column, lang, schemes)
    if column.note and lang == "zh":
        rule = rule or {"validate": "any"}
        rule |= {"input_title": column.zh[:32], "input_message": column.note[:255]}
    return rule


def scheme_choice(lang: str, schemes: tuple[str, ...]) -> Rule:
    """首页: the book's schemes; HR may have made another, or want several."""
    together = ["、".join(schemes)] if len(schemes) > 1 else []
    return _advice([*schemes, *together], "warning", lang)


def _allowed(table: Table, column: Column, lang: str, schemes: tuple[str, ...]) -> Rule | None:
    if column.choices:
        return _stop([label[lang == "en"] for label in column.choices.values()], lang)
    if column.kind == "flag":
        return _stop(YES_NO[lang], lang)
    if column.key == "person_id" and table is not ROSTER:
        return _advice(f"={STAFF_IDS}", "warning", lang)
    if (table.key, column.key) == ("indicators", "metric"):
        return _advice(f"={METRIC_NAMES}", "stop", lang)
    if (table.key, column.key) == ("indicators", "curve"):
        return _advice(f"={curve_names(schemes[0])}", "stop", lang)
    if (table.key, column.key) in (
        ("events", "event"), ("ratings", "item"), ("ratings", "rater_group"),
    ):  # fmt: skip
        entries = suggestions(column.key, schemes)
        return _advice(entries, "information", lang) if entries else None
    if column.kind == "date":
        return {
            "validate": "date", "criteria": ">=", "value": _FIRST_DATE,
            **_message("warning", lang, "请填日期，如 2026-10-05", "A date, such as 2026-10-05"),
        }  # fmt: skip
    if column.kind == "moment":
        return {
            "validate": "date", "criteria": ">=", "value": _FIRST_DATE,
            **_message("warning", lang, "请填日期和时间，如 2026-10-05 09:30",
                       "Day and time, such as 2026-10-05 09:30"),
        }  # fmt: skip
    if column.kind == "number":
        return _number(column, lang)
    return None


def suggestions(key: str, schemes: tuple[str, ...]) -> list[str]:
    """The events, rated items and rater groups of the book's schemes; HR may add others."""
    metrics = {row.get("metric"): row for row in preset_metrics()}
    rows = [preset_rows(scheme) for scheme in schemes]
    used = dict.fromkeys(row.get("metric") for one in rows for row in one["indicators"])
    if key == "rater_group":
        formulas = " ".join(str(metrics[metric].get("formula")) for metric in used)
        curves = [row for one in rows for row in one["curves"] if row.get("name") in formulas]
        return list(dict.fromkeys(str(row.get("key")) for row in curves if row.get("key")))
    source = {"event": "event", "item": "rating"}[key]
    return [metric for metric in used if metrics[metric].get("source") == source]


def _stop(entries: list[str], lang: str) -> Rule:
    zh, en = "请从下拉列表里选择：" + "、".join(entries), "One of: " + ", ".join(entries)
    return {"validate": "list", "source": entries, **_message("stop", lang, zh, en)}


def _advice(source: str | list[str], how: str, lang: str) -> Rule:
    zh = "下拉列表里没有这一项，请核对" if how != "stop" else "请从下拉列表里选择"
    en = "The list has no such entry" + (": is it right?" if how != "stop" else "")
    if isinstance(source, list):
        source = _as_many_as_fit(source)
    # A list with blanks would let anything pass if blanks were ignored.
    return {
        "validate": "list", "source": source, "ignore_blank": False,
        **_message(how, lang, zh, en),
    }  # fmt: skip


def _as_many_as_fit(entries: list[str]) -> list[str]:
    """A typed list has at most 255 characters in Excel."""
    while len(",".join(entries)) > _LONGEST_LIST:
        entries = entries[:-1]
    return entries


def _number(column: Column, lang: str) -> Rule:
    if column.minimum is None:
        bounds: Rule = {"criteria": "between", "minimum": -_LARGEST, "maximum": _LARGEST}
        zh, en = "请填数字", "A number"
    else:
        bounds = {"criteria": ">=", "value": column.minimum}
        zh, en = f"请填不小于 {column.minimum:g} 的数字", f"A number from {column.minimum:g}"
    return {"validate": "decimal", **bounds, **_message("stop", lang, zh, en)}


def _message(how: str, lang: str, zh: str, en: str) -> Rule:
    title = ("请核对", "Check this") if how != "stop" else ("不能这样填", "Not allowed")
    return {
        "error_type": how,
        "error_title": title[lang == "en"],
        "error_message": (zh, en)[lang == "en"][:255],
    }


# --- conditional formats -----------------------------------------------------------------------


def colour_levels(worksheet: Worksheet, styles: Styles, first_row: int) -> None:
    """检查: errors red, warnings amber, notes grey."""
    looks = {
        "error": styles.rule(bg_color=RED_FILL, font_color=RED, bold=True),
        "warning": styles.rule(bg_color=AMBER_FILL, font_color=AMBER, bold=True),
        "note": styles.rule(bg_color=GREY_FILL, font_color=QUIET),
    }
    area = f"A{first_row}:A{layout.RULES_TO_ROW}"
    for level, labels in SEVERITIES.items():
        _begins(worksheet, area, labels, looks[level])


def light(worksheet: Worksheet, styles: Styles, cell: str) -> None:
    """首页: the state as a traffic light."""
    looks = {
        "green": styles.rule(bg_color=GREEN_FILL, font_color=GREEN, bold=True),
        "amber": styles.rule(bg_color=AMBER_FILL, font_color=AMBER, bold=True),
        "red": styles.rule(bg_color=RED_FILL, font_color=RED, bold=True),
    }
    for colour, labels in layout.LIGHTS.items():
        _begins(worksheet, cell, labels, looks[colour])


def agreement(worksheet: Worksheet, styles: Styles, cell: str) -> None:
    """首页: whether the plain formulas and the program agree; nothing before the first run."""
    green = styles.rule(bg_color=GREEN_FILL, font_color=GREEN, bold=True)
    red = styles.rule(bg_color=RED_FILL, font_color=RED, bold=True)
    tests = {f"OR({','.join(_texts(cell, AGREES))})": green}
    quiet = ",".join(f"{test}" for test in (f'{cell}=""', *_texts(cell, UNKNOWN), *_texts(cell, AGREES)))
    tests[f"NOT(OR({quiet}))"] = red
    for test, look in tests.items():
        worksheet.conditional_format(
            cell, {"type": "formula", "criteria": f"={test}", "format": look}
        )


def _texts(cell: str, labels: words.Words) -> list[str]:
    return [f'{cell}="{label}"' for label in labels]


def as_money(worksheet: Worksheet, styles: Styles, row: int, column: int) -> None:
    """首页: the amount among the counts of the result."""
    key, value = f"${column_letter(column)}{row}", f"{column_letter(column + 1)}{row}"
    last = row + len(layout.STATUS_ROWS) - 1
    money = (*layout.STATUS_ROWS["pay"], *layout.STATUS_ROWS["true_ups"])
    worksheet.conditional_format(
        f"{value}:{column_letter(column + 1)}{last}",
        {
            "type": "formula", "criteria": f"={_is_one_of(key, money)}",
            "format": styles.rule(num_format="#,##0.00", bold=True),
        },
    )  # fmt: skip


def colour_groups(worksheet: Worksheet, styles: Styles) -> None:
    """Result sheets: groups of columns in two shades by turns, whichever the scheme gives them."""
    group, header, last = layout.GROUP_ROW, layout.HEADER_ROW, column_letter(layout.GROUP_COLUMNS)
    is_odd = f"MOD(COUNTA($A${group}:A${group}),2)=1"
    by_turns = ((is_odd, SHADES[0], GROUP_SHADES[0]), ("TRUE", SHADES[1], GROUP_SHADES[1]))
    for condition, dark, pale in by_turns:
        looks = {
            group: styles.rule(bg_color=pale, font_color=ACCENT),
            header: styles.rule(bg_color=dark),
        }
        for row, look in looks.items():
            worksheet.conditional_format(
                f"A{row}:{last}{row}",
                {
                    "type": "formula", "criteria": f'=AND(A${header}<>"",{condition})',
                    "format": look, "stop_if_true": True,
                },
            )  # fmt: skip


def mark_results(worksheet: Worksheet, styles: Styles) -> None:
    """Results: deductions are red."""
    first = layout.HEADER_ROW + 1
    worksheet.conditional_format(
        f"A{first}:{column_letter(layout.GROUP_COLUMNS)}{layout.RULES_TO_ROW}",
        {
            "type": "formula", "criteria": f"=AND(ISNUMBER(A{first}),A{first}<0)",
            "format": styles.rule(font_color=RED),
        },
    )  # fmt: skip


def show_bars(worksheet: Worksheet, columns: Sequence[ReportColumn]) -> None:
    """Bars behind total score and pay."""
    first = layout.HEADER_ROW + 1
    for letter in (column_letter(n) for n, c in enumerate(columns, 1) if c.key in ("total", "pay")):
        worksheet.conditional_format(
            f"{letter}{first}:{letter}{layout.RULES_TO_ROW}",
            {"type": "data_bar", "bar_color": BAR, "min_type": "num", "min_value": 0},
        )


def show_units(worksheet: Worksheet, styles: Styles, column: int) -> None:
    """A column of mixed figures (counting from 0), with their units in the next: shares as per cent."""
    first = layout.HEADER_ROW + 1
    value, unit = (f"{column_letter(n)}{first}" for n in (column + 1, column + 2))
    forms = {"ratio": "0.00##%", "yuan": "#,##0.00", "points": "0.0###", "place": "0"}
    for key, number_format in forms.items():
        worksheet.conditional_format(
            f"{value}:{column_letter(column + 1)}{layout.RULES_TO_ROW}",
            {
                "type": "formula", "criteria": f"={_is_one_of('$' + unit, UNITS[key])}",
                "format": styles.rule(num_format=f"{number_format};[Red]-{number_format}"),
            },
        )  # fmt: skip


def show_small_figures(worksheet: Worksheet, styles: Styles, column: str) -> None:
    """A column of mixed figures: coefficients below 1 % keep their digits."""
    first = layout.HEADER_ROW + 1
    cell = f"{column}{first}"
    worksheet.conditional_format(
        f"{cell}:{column}{layout.RULES_TO_ROW}",
        {
            "type": "formula",
            "criteria": f"=AND(ISNUMBER({cell}),{cell}<>0,ABS({cell})<0.01)",
            "format": styles.rule(num_format="0.000000##"),
        },
    )  # fmt: skip


def _is_one_of(cell: str, labels: Sequence[str]) -> str:
    # Conditional formats take no array constants.
    return "OR(" + ",".join(f'{cell}="{label}"' for label in labels) + ")"


def _begins(worksheet: Worksheet, area: str, labels: words.Words, look: Any) -> None:
    for label in labels:
        worksheet.conditional_format(
            area, {"type": "text", "criteria": "begins with", "value": label, "format": look}
        )
