"""The workbook of a simulation: summary, people, shops, grades, sensitivity, edges, notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from xl_kpi.errors import SEVERITIES
from xl_kpi.excel.replace_file import replace_file
from xl_kpi.excel.statement_book import Formats, text_workbook
from xl_kpi.excel.table_sheets import (
    CHANGE,
    MONEY_COLUMN,
    SHARE,
    WHOLE,
    Sheet,
    TableColumn,
)
from xl_kpi.quantity import number
from xl_kpi.simulation import Moved, Simulation
from xl_kpi.simulation.words import step_text, word

_CHART_EFFECTS = 12
_MOVED = 10  # of each kind on the summary


def write_simulation(found: Simulation, out: Path, lang: str, *, like: Path) -> None:
    """Write the workbook of a simulation.

    Args:
        found: The simulation.
        out: Where to; a file of that name is replaced.
        lang: ``zh`` or ``en``.
        like: A file whose access rights it gets.

    Raises:
        InputError: it cannot be written.
    """
    replace_file(out, [simulation_book(found, lang)], like=like, backup=False)


def simulation_book(found: Simulation, lang: str) -> bytes:
    """The workbook; the same simulation gives the same bytes."""
    with text_workbook() as (book, buffer):
        writer = _Writer(book, found, lang)
        writer.summary()
        writer.people()
        writer.groups()
        writer.grades()
        writer.sensitivity()
        writer.edges()
        writer.notes()
    return buffer.getvalue()


class _Writer:
    """Writes sheet by sheet; one that has nothing to say is left out."""

    def __init__(self, book: Any, found: Simulation, lang: str) -> None:
        self.book, self.found, self.lang = book, found, lang
        self.formats = Formats(book)
        self.before = self.word("before_paid" if found.paid else "before")

    def word(self, key: str) -> str:
        """A label in the language of the workbook."""
        return word(key, self.lang)

    def sheet(self, key: str, widths: list[float], *, tall: bool = False) -> Sheet:
        """A new sheet."""
        return Sheet(self.book, self.formats, self.word(key), widths, tall=tall)

    @property
    def about(self) -> str:
        """What is compared with what, over which months."""
        found, colon = self.found, "：" if self.lang == "zh" else ": "
        how = self.word("as_paid" if found.paid else "again")
        compared = f"{found.before}（{how}）" if self.lang == "zh" else f"{found.before} ({how})"
        lines = (("tried", found.after), ("compared", compared), ("months", "、".join(found.months)))
        return "\n".join(f"{self.word(key)}{colon}{text}" for key, text in lines)

    # --- sheets --------------------------------------------------------------------------------

    def summary(self) -> None:
        """Cost in all, by month, who gains and loses most."""
        found = self.found
        sheet = self.sheet("summary", [18, 13, 15, 15, 15, 10, 13, 13, 13], tall=True)
        sheet.title(self.word("title"), self.about)
        sheet.heading(self.word("all"))
        span = " – ".join(dict.fromkeys((found.months[0], found.months[-1])))
        sheet.table(self._cost_columns("months"), self._cost_rows(found.by(), [span]))
        counts, sums = found.counts, found.sums
        sheet.heading(self.word("people"))
        keys = [k for k in counts if k != "not_compared" or counts[k]]
        sheet.table(
            [TableColumn(""), TableColumn(self.word("people"), WHOLE), TableColumn(self.word("change"), CHANGE)],
            [[self.word(k), counts[k], sums.get(k)] for k in keys],
        )  # fmt: skip
        by_month = found.by("period")
        sheet.heading(self.word("month"))
        place = sheet.table(self._cost_columns("month"), self._cost_rows(by_month, by_month["period"].tolist()))
        if len(found.months) > 1:
            sheet.chart("column", self.word("chart_months"), place, 0, [(self.before, 2), (self.word("after"), 3)], least=0)
        for key, direction in (("winners", 1), ("losers", -1)):
            moved = found.moved(direction, _MOVED)
            if moved:
                sheet.heading(self.word(key))
                self._moved(sheet, moved)

    def _moved(self, sheet: Sheet, moved: list[Moved]) -> None:
        columns = [TableColumn(self.word(k)) for k in ("person_id", "name", "shop")]
        columns += [TableColumn(self.word("change"), CHANGE), TableColumn(self.word("because"), span=5)]
        comma = "，" if self.lang == "zh" else ", "
        rows = [
            [one.person_id, one.name, one.shop, one.change,
             comma.join(f"{item} {amount:+,.2f}" for item, amount in one.items)]
            for one in moved
        ]  # fmt: skip
        sheet.table(columns, rows)

    def people(self) -> None:
        """Everybody both ways, and by how much each item differs."""
        persons, items = self.found.persons, self.found.differences
        shown = [str(name) for name in items.columns[(items != 0).any().to_numpy()]]
        extra = self._of_persons(self.found.shown)
        sheet = self.sheet("people_sheet", [10, 11, 12, 14, 11, 7, 13, 13, 12, 9, *[12.0] * (len(shown) + extra.shape[1])])
        sheet.title(self.word("people_sheet"), self.about)
        columns = [TableColumn(self.word(k)) for k in ("person_id", "name", "department", "shop", "role")]
        columns += [
            TableColumn(self.word("month_count"), WHOLE),
            TableColumn(self.before, MONEY_COLUMN, total=True),
            TableColumn(self.word("after"), MONEY_COLUMN, total=True),
            TableColumn(self.word("change"), CHANGE, total=True), TableColumn(self.word("share"), SHARE),
            *(TableColumn(f"{name} {self.word('change')}", CHANGE, total=True) for name in shown),
            *(TableColumn(str(name), MONEY_COLUMN, total=True) for name in extra.columns),
        ]  # fmt: skip
        by_id = items.reindex(persons["person_id"])[shown] if shown else None
        rows = []
        for n, row in enumerate(persons.to_dict("records")):
            share = _share(row["change"], row["before"])
            differs = [] if by_id is None else by_id.iloc[n].tolist()
            rows.append(
                [*(row[k] for k in ("person_id", "name", "department", "shop", "role", "months", "before", "after",
                                    "change")), share, *differs, *extra.loc[row["person_id"]].tolist()]
            )  # fmt: skip
        place = sheet.table(columns, rows, total=self.word("all"))
        sheet.filtered(place, len(columns))
        sheet.bars(place, 8)

    def _of_persons(self, shown: pd.DataFrame) -> pd.DataFrame:
        """What the tried scheme shows of people (yuan), over all months."""
        ids = self.found.people["person_id"]
        return shown.groupby(ids.to_numpy(), sort=False).sum(min_count=1).reindex(ids.unique())

    def groups(self) -> None:
        """Departments, shops and roles both ways, and the tried scheme's own figures of them."""
        sheet = self.sheet("groups_sheet", [20, 13, 15, 15, 15, 10, 13, 13, 13], tall=True)
        sheet.title(self.word("groups_sheet"), self.about)
        for key in ("department", "shop", "role"):
            table = self.found.by(key)
            sheet.heading(self.word(key))
            place = sheet.table(self._cost_columns(key), self._cost_rows(table, table[key].tolist()))
            sheet.bars(place, 4)
            if key == "shop" and len(table) > 1:
                series = [(self.word("mean_before"), 6), (self.word("mean_after"), 7)]
                sheet.chart("column", self.word("chart_shops"), place, 0, series, most=20, least=0)
        means = self.found.group_means
        for level in dict.fromkeys(means["level"]):
            mine = means[means["level"] == level]
            sheet.heading(f"{self.word('shown_sheet')}：{self.word(level)}")
            sheet.paragraph(self.word("read_shown"))
            labels = list(dict.fromkeys(mine["group"]))[: len(sheet.widths) - 1]
            figures = {(r.item, r.group): number(r.value, r.unit) for r in mine.itertuples()}
            items = list(dict.fromkeys(mine["item"]))
            rows = [[item, *(figures.get((item, label), "") for label in labels)] for item in items]
            sheet.table([TableColumn(self.word("item")), *map(TableColumn, labels)], rows)

    def grades(self) -> None:
        """How many payslips have each grade both ways."""
        table = self.found.grade_counts
        if table.empty:
            return
        sheet = self.sheet("grades_sheet", [16, 14, 14, 14])
        sheet.title(self.word("grades_sheet"), "")
        columns = [TableColumn(self.word("grade")), TableColumn(self.before, WHOLE, total=True),
                   TableColumn(self.word("after"), WHOLE, total=True)]  # fmt: skip
        place = sheet.table(columns, table.to_numpy(dtype=object).tolist(), total=self.word("all"))
        series = [(self.before, 1), (self.word("after"), 2)]
        sheet.chart("column", self.word("grades_sheet"), place, 0, series, wide=560)

    def sensitivity(self) -> None:
        """What each parameter costs, the largest first."""
        effects = sorted(self.found.effects, key=lambda effect: -abs(effect.change))
        if not effects:
            return
        sheet = self.sheet("sensitivity_sheet", [8, 34, 20, 28, 9, 15, 12, 12])
        sheet.title(self.word("sensitivity_sheet"), self.word("read_sensitivity"))
        keys = ("scheme", "parameter", "cell", "now", "step")
        columns = [
            *(TableColumn(self.word(k)) for k in keys), TableColumn(self.word("cost"), CHANGE),
            TableColumn(self.word("slips_up"), WHOLE), TableColumn(self.word("slips_down"), WHOLE),
        ]  # fmt: skip
        rows = []
        for effect in effects:
            p = effect.parameter
            step = step_text(p.kind, effect.step, self.lang)
            label = f"{p.name} {self.word(f'kind_{p.kind}')} {step}"
            rows.append([p.scheme, label, p.where, p.value, step, effect.change, effect.up, effect.down])
        place = sheet.table(columns, rows)
        sheet.filtered(place, len(columns))
        sheet.bars(place, 5)
        if any(effect.change for effect in effects):
            title = f"{self.word('sensitivity_sheet')}：{self.word('cost')}"
            sheet.chart("bar", title, place, 1, [(self.word("cost"), 5)], most=_CHART_EFFECTS)

    def edges(self) -> None:
        """Who is next to a line."""
        if not self.found.edges:
            return
        sheet = self.sheet("edges_sheet", [8, 24, 18, 24, 14, 14])
        sheet.title(self.word("edges_sheet"), self.word("read_edges"))
        columns = [TableColumn(self.word(k)) for k in ("scheme", "item", "cell", "line")]
        columns += [TableColumn(self.word(k), WHOLE) for k in ("just_below", "just_above")]
        place = sheet.table(
            columns, [[e.scheme, e.name, e.where, e.line, e.below, e.above] for e in self.found.edges]
        )
        sheet.filtered(place, len(columns))

    def notes(self) -> None:
        """What is missing, left out or not comparable."""
        if not self.found.problems:
            return
        sheet = self.sheet("notes_sheet", [9, 28, 60, 40])
        sheet.title(self.word("notes_sheet"), "")
        columns = [TableColumn(self.word(k)) for k in ("severity", "where", "what", "fix")]
        position = int(self.lang == "en")
        sheet.table(
            columns, [[SEVERITIES[p.severity][position], p.where, p.what, p.fix] for p in self.found.problems]
        )

    # --- parts ---------------------------------------------------------------------------------

    def _cost_columns(self, key: str) -> list[TableColumn]:
        return [
            TableColumn(self.word(key)), TableColumn(self.word("slips"), WHOLE),
            TableColumn(self.before, MONEY_COLUMN), TableColumn(self.word("after"), MONEY_COLUMN),
            TableColumn(self.word("change"), CHANGE), TableColumn(self.word("share"), SHARE),
            TableColumn(self.word("mean_before"), MONEY_COLUMN),
            TableColumn(self.word("mean_after"), MONEY_COLUMN), TableColumn(self.word("mean_change"), CHANGE),
        ]  # fmt: skip

    def _cost_rows(self, table: pd.DataFrame, labels: list[Any]) -> list[list[object]]:
        rows: list[list[object]] = []
        for label, row in zip(labels, table.to_dict("records"), strict=True):
            share = _share(row["change"], row["before"])
            mean = round(row["mean_after"] - row["mean_before"], 2)
            rows.append(
                [label or "—", row["rows"], row["before"], row["after"], row["change"], share,
                 row["mean_before"], row["mean_after"], mean]
            )  # fmt: skip
        return rows


def _share(change: float, before: float) -> float | None:
    """A change as a share to a tenth of a per cent: none is 0, not -0.0."""
    return round(change / before, 3) + 0.0 if before else None
