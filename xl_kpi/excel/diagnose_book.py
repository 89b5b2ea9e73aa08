"""The workbook of a diagnosis: overview, a sheet per question, evidence, thresholds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xl_kpi.diagnosis import Diagnosed, Diagnosis, Finding
from xl_kpi.diagnosis.words import ASKS, label, listed
from xl_kpi.errors import SEVERITIES
from xl_kpi.excel.diagnose_tables import CHARTS, columns_of, rows_of
from xl_kpi.excel.replace_file import replace_file
from xl_kpi.excel.statement_book import Formats, text_workbook
from xl_kpi.excel.table_sheets import FIGURE, WHOLE, Sheet, TableColumn

_LONG = ("unusual", "signals")  # tables with a row per person
_ROWS = 20_000  # of a table; beyond that only what is worth a look


def write_diagnosis(found: Diagnosis, out: Path, lang: str, *, like: Path) -> None:
    """Write the workbook of a diagnosis.

    Args:
        found: The diagnosis.
        out: Where to; a file of that name is replaced.
        lang: ``zh`` or ``en``.
        like: A file whose access rights it gets.

    Raises:
        InputError: it cannot be written.
    """
    replace_file(out, [diagnosis_book(found, lang)], like=like, backup=False)


def diagnosis_book(found: Diagnosis, lang: str) -> bytes:
    """The workbook; the same diagnosis gives the same bytes."""
    with text_workbook() as (book, buffer):
        writer = _Writer(book, found, lang)
        writer.overview()
        for question in ASKS:
            writer.question(question)
        writer.evidence()
        writer.thresholds()
        writer.notes()
    return buffer.getvalue()


class _Writer:
    """Writes sheet by sheet; one that has nothing to say is left out."""

    def __init__(self, book: Any, found: Diagnosis, lang: str) -> None:
        self.book, self.found, self.lang = book, found, lang
        self.formats = Formats(book)

    def label(self, key: str) -> str:
        """A label in the language of the workbook."""
        return label(key, self.lang)

    def sheet(self, key: str, widths: list[float]) -> Sheet:
        """A new sheet."""
        return Sheet(self.book, self.formats, self.label(key), widths)

    def heading(self, sheet: Sheet, one: Diagnosed) -> None:
        """Which scheme a table is about, where there are several."""
        if len(self.found.schemes) > 1:
            sheet.heading(f"{one.panel.scheme.id} {one.panel.scheme.name}")

    # --- sheets --------------------------------------------------------------------------------

    def overview(self) -> None:
        """How many things are worth a look, and each of them."""
        sheet = self.sheet("overview", [16, 14, 10, 26, 62, 54])
        colon = "：" if self.lang == "zh" else ": "
        about = [f"{self.label('months')}{colon}{listed(self.found.months, self.lang)}"]
        about += [
            f"{one.panel.scheme.id} {one.panel.scheme.name}{colon}{len(one.panel.people)}{self.label('heads')}"
            for one in self.found.schemes
        ]
        sheet.title(self.label("title"), "\n".join(about))
        for one in self.found.schemes:
            self.heading(sheet, one)
            columns = [TableColumn(self.label("question")), TableColumn(self.label("warnings"), WHOLE),
                       TableColumn(self.label("note_count"), WHOLE), TableColumn(self.label("asks"), span=3)]  # fmt: skip
            rows = [
                [self.label(a.question), a.count("warning"), a.count("note"), ASKS[a.question][self.lang == "en"]]
                for a in one.answers
            ]
            sheet.table(columns, rows)
        for one in self.found.schemes:
            if one.findings:
                self.heading(sheet, one)
                sheet.heading(self.label("what"))
                self._findings(sheet, one, [(a.question, f) for a in one.answers for f in a.findings])

    def _findings(self, sheet: Sheet, one: Diagnosed, found: list[tuple[str, Finding]]) -> None:
        found = sorted(found, key=lambda pair: pair[1].severity != "warning")
        keys = ("question", "severity", "scheme", "where", "what", "fix")
        rows = [
            [self.label(question), self.label("warnings") if f.severity == "warning" else SEVERITIES["note"][self.lang == "en"],
             f.scheme, f.where, f.what(self.lang), f.fix(self.lang)]
            for question, f in found
        ]  # fmt: skip
        place = sheet.table([TableColumn(self.label(key)) for key in keys], rows)
        sheet.marked(place, 1, self.label("warnings"))

    def question(self, question: str) -> None:
        """A question's figures, worth a look first, and a chart where one helps."""
        columns = columns_of(question, self.lang, self.found.limits)
        sheet = self.sheet(question, [c.width for c in columns])
        sheet.title(self.label(question), ASKS[question][self.lang == "en"])
        for one in self.found.schemes:
            answer = next(a for a in one.answers if a.question == question)
            if answer.rows.empty:
                continue
            self.heading(sheet, one)
            rows = rows_of(answer, self.lang, most=_ROWS)
            place = sheet.table([c.column for c in columns], rows)
            for n, column in enumerate(columns):
                for verdict in column.marks:
                    sheet.marked(place, n, verdict)
            if len(self.found.schemes) == 1:
                sheet.headed(place)
                if question in _LONG:
                    sheet.filtered(place, len(columns))
            chart = CHARTS.get(question)
            if chart is not None and len(rows) > 1:
                keys = [c.key for c in columns]
                drawn = [k for k in chart.series if answer.rows[k].notna().any()]
                series = [(self.label(k), keys.index(k)) for k in drawn]
                last, given = chart.rows(answer.rows), answer.rows[drawn].min().min()
                sheet.chart(
                    chart.kind, self.label(chart.title), place, keys.index(chart.labels), series,
                    most=last, number=chart.number, least=0 if given >= 0 else None,
                )  # fmt: skip
        if all(next(a for a in one.answers if a.question == question).rows.empty for one in self.found.schemes):
            sheet.paragraph(self.label("nothing"))

    def evidence(self) -> None:
        """The rows behind the signals."""
        keys = ("who", "signal", "session_id", "order_id", "at", "shop", "buyer_id", "said", "answered", "amount")
        kinds = {"said": WHOLE, "answered": WHOLE, "amount": FIGURE}
        tables = [a.extra["evidence"] for one in self.found.schemes for a in one.answers if "evidence" in a.extra]
        if not tables:
            return
        sheet = self.sheet("evidence", [18, 12, 18, 18, 22, 14, 18, 9, 9, 11])
        sheet.title(self.label("evidence"), ASKS["signals"][self.lang == "en"])
        rows = [
            [self.label(row["signal"]) if key == "signal" else _cell(row[key]) for key in keys]
            for table in tables
            for row in table.head(_ROWS).to_dict("records")
        ]
        place = sheet.table([TableColumn(self.label(key), kinds.get(key, "text")) for key in keys], rows)
        sheet.filtered(place, len(keys))

    def thresholds(self) -> None:
        """When the diagnosis speaks up, and why then."""
        sheet = self.sheet("limits", [34, 16, 10, 34, 60])
        sheet.title(self.label("limits"), "xl-kpi diagnose … --set easy_share=90%")
        columns = [TableColumn(self.label("threshold")), TableColumn("--set"), TableColumn(self.label("figure"))]
        columns += [TableColumn(self.label("because")), TableColumn(self.label("why"))]
        rows = [[t.label(self.lang), t.key, f"{t.value:g}", t.whose(self.lang), t.why(self.lang)] for t in self.found.limits.listed()]
        sheet.table(columns, rows)

    def notes(self) -> None:
        """What is missing or left out."""
        if not self.found.problems:
            return
        sheet = self.sheet("notes", [9, 28, 60, 40])
        sheet.title(self.label("notes"), "")
        columns = [TableColumn(self.label(k)) for k in ("severity", "where", "what", "fix")]
        rows = [[SEVERITIES[p.severity][self.lang == "en"], p.where, p.what, p.fix] for p in self.found.problems]
        sheet.table(columns, rows)


def _cell(value: Any) -> Any:
    """A moment as text, everything else as it is."""
    return value.isoformat(sep=" ") if hasattr(value, "isoformat") and value == value else value
