"""The new content of one table, put into its sheet part and its table part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from xl_kpi.errors import Problem, nearest
from xl_kpi.excel.area import MAX_COLUMN, MAX_ROW, Area, column_letters
from xl_kpi.excel.cell_xml import CellWriter, TextTooLongError
from xl_kpi.excel.package import TablePart
from xl_kpi.excel.sheet_xml import SheetXml
from xl_kpi.excel.table_xml import TableXml

MAX_COLUMN_NAME = 255


class TableEdit:
    """Replaces header and body of a table; what stands around the table stays.

    Attributes:
        old: the cells that are replaced: the body, and the header if it changes.
        new: the cells that are written.
        lost: the columns that the table had and has no more.
        removed_formula: whether a formula was among the replaced cells.
    """

    def __init__(
        self,
        table: TablePart,
        rows: Sequence[Sequence[object]],
        header: Sequence[str] | None,
        sheet: SheetXml,
    ) -> None:
        self._table = table
        self._sheet = sheet
        self.columns = tuple(header) if header is not None else table.columns
        self.has_new_header = self.columns != table.columns
        if any(len(row) != len(self.columns) for row in rows):
            raise ValueError(f"rows of {table.name} do not have {len(self.columns)} cells")
        # Excel needs one body row, blank when there is nothing to show.
        self._rows = rows or [[None] * len(self.columns)]
        body = table.body
        top = table.first_row if self.has_new_header else body.first_row
        left = table.first_column
        self.old = Area(top, left, body.last_row, body.last_column)
        self.new = Area(
            top, left, body.first_row + len(self._rows) - 1, left + len(self.columns) - 1
        )
        self.lost = tuple(name for name in table.columns if name not in self.columns)
        self.removed_formula = False

    @property
    def area(self) -> Area:
        """The whole table as it will be, with header and totals row."""
        last_row = self.new.last_row + self._table.totals_rows
        return Area(self._table.first_row, self.new.first_column, last_row, self.new.last_column)

    def problems(self) -> Iterator[Problem]:
        """Why the new content cannot be written, as far as the cells themselves do not matter."""
        table = self._table
        if self.has_new_header:
            yield from header_problems(table.name, self.columns)
        yield from size_problems(table, self.old, self.new)
        for merged in self._sheet.merged:
            if self._touches(merged):
                yield self._problem(
                    merged, "结果区域里有合并单元格", "请取消合并（开始 → 合并后居中）后再试"
                )
        for formula in self._sheet.spread_formulas:
            shared = formula.kind == "shared"
            if self._touches(formula.cell if shared else formula.area) and not self.old.contains(
                formula.area
            ):
                yield self._problem(
                    formula.cell,
                    f"这里的公式同时用于结果区域以外的单元格（{formula.area}），写入会破坏它",
                    "请把结果区域里的公式移到表格旁边的列，保存后再试",
                )

    def apply(
        self,
        xml: TableXml,
        writer: CellWriter,
        styles: Sequence[str | None] | None,
        named_style: Callable[[str], str | None],
    ) -> list[Problem]:
        """Change both parts; if there are problems, the parts are of no use any more."""
        table, sheet = self._table, self._sheet
        first_body_row = table.body.first_row
        body_styles = self._body_styles(styles, named_style)
        try:
            lines = writer.rows(
                self._rows,
                first_row=first_body_row,
                first_column=self.new.first_column,
                styles=body_styles,
            )
        except TextTooLongError as error:
            return [too_long(table.name, str(error))]
        if self.new.first_row < first_body_row:
            lines = self._header_line(writer) + lines
        unhide = xml.is_filtered
        taken = list(self._exchange(lines, unhide=unhide))
        sheet.move_rules(table.body, Area(first_body_row, self.new.first_column, *_end(self.new)))
        if self.has_new_header:
            body = Area(first_body_row, self.new.first_column, *_end(self.new))
            sheet.move_bars(moved_columns(table, self.columns), body)
        sheet.include(self.area)
        if unhide:
            xml.clear_filter()
        if self.has_new_header:
            xml.set_columns(self.columns)
        xml.set_area(self.area, table.totals_rows)
        return self._conflict(taken)

    def set_heights(self, heights: Sequence[float | None]) -> None:
        """Give the body's rows their heights; rows the table leaves have none of their own."""
        top = self._table.body.first_row
        for number in range(top, max(self.old.last_row, self.new.last_row) + 1):
            n = number - top
            self._sheet.set_height(number, heights[n] if n < len(heights) else None)

    def _exchange(self, lines: Sequence[bytes], *, unhide: bool) -> Iterator[str]:
        """Put the cells into the rows; yields the cells that were filled and not the table's."""
        sheet, old, new = self._sheet, self.old, self.new
        for number in range(new.first_row, max(old.last_row, new.last_row) + 1):
            was_table = number <= old.last_row
            will_be = number <= new.last_row
            last_column = max(
                old.last_column if was_table else 0, new.last_column if will_be else 0
            )
            cut = sheet.cut(number, new.first_column, last_column)
            foreign = None
            if not was_table:
                foreign = cut.first_filled()
            elif will_be and new.last_column > old.last_column:
                foreign = sheet.cut(number, old.last_column + 1, new.last_column).first_filled()
            if foreign:
                yield foreign
            if sheet.has_formula(cut):
                self.removed_formula = True
            cells = lines[number - new.first_row] if will_be else b""
            sheet.put(number, cut, cells, unhide=unhide)

    def _conflict(self, taken: Sequence[str]) -> list[Problem]:
        return taken_cells(self._table, self.new, taken)

    def _body_styles(
        self, styles: Sequence[str | None] | None, named_style: Callable[[str], str | None]
    ) -> list[str]:
        """The style number of each column: the first body row is the prototype.

        Under a new header a column takes its named style, else that of the column of the same
        name, else that of its place.
        """
        left = self.new.first_column
        last = max(self.old.last_column, self.new.last_column)
        places = self._sheet.styles(self._table.body.first_row, left, last)
        if not self.has_new_header:
            return places
        by_name = dict(zip(self._table.columns, places, strict=False))
        wanted = styles or [None] * len(self.columns)
        return [
            (named_style(style) if style else None) or by_name.get(name, place)
            for name, style, place in zip(self.columns, wanted, places, strict=False)
        ]

    def _header_line(self, writer: CellWriter) -> list[bytes]:
        """The header's cells; columns beyond the old header look like its last one."""
        row = self._table.first_row
        styles = self._sheet.styles(row, self.old.first_column, self.old.last_column)
        styles += styles[-1:] * len(self.columns)
        return writer.rows(
            [self.columns],
            first_row=row,
            first_column=self.new.first_column,
            styles=styles[: len(self.columns)],
        )

    def _touches(self, area: Area) -> bool:
        return area.overlaps(self.old) or area.overlaps(self.new)

    def _problem(self, area: Area, what: str, fix: str) -> Problem:
        return Problem(f"{self._sheet.sheet}!{area}", what, fix)


def _end(area: Area) -> tuple[int, int]:
    return area.last_row, area.last_column


def moved_columns(table: TablePart, columns: Sequence[str]) -> dict[int, int]:
    """Of the columns that a table keeps under a new header, the new number by the former one."""
    new = {name: number for number, name in enumerate(columns, table.first_column)}
    former = enumerate(table.columns, table.first_column)
    return {number: new[name] for number, name in former if name in new}


# --- what speaks against new content, in a file as in Excel ------------------------------------


def header_problems(table: str, columns: Sequence[str]) -> Iterator[Problem]:
    """Column names that Excel does not take."""
    where, seen = f"表格 {table}", set[str]()
    for name in columns:
        if not name.strip() or len(name) > MAX_COLUMN_NAME:
            what = f"列名“{name[:20]}”是空的，或超过 {MAX_COLUMN_NAME} 个字"
            yield Problem(where, what, "请在方案里给这一项起一个较短的名称")
        elif name.casefold() in seen:
            yield Problem(where, f"列名“{name}”重复", "请在方案里给各项起不同的名称")
        seen.add(name.casefold())


def size_problems(table: TablePart, old: Area, new: Area) -> Iterator[Problem]:
    """What keeps a table from taking its new size."""
    where = f"表格 {table.name}"
    if new.last_row > MAX_ROW or new.last_column > MAX_COLUMN:
        yield Problem(where, "结果超出了 Excel 工作表的最大行数或列数", "请分期间或分部门计算")
    if table.totals_rows and old != new:
        yield Problem(
            where,
            "表格带有汇总行，行数或列数变化后无法写入",
            "请在 Excel 的“表设计”里取消勾选“汇总行”，保存后再试",
        )


def taken_cells(table: TablePart, new: Area, taken: Sequence[str]) -> list[Problem]:
    """Filled cells, one per row, that a table would grow over."""
    if not taken:
        return []
    what = f"结果表 {table.name} 变大后要用到这里，但这里已有内容"
    if len(taken) > 1:
        what += f"（共 {len(taken)} 行）"
    last = column_letters(new.last_column)
    fix = f"请把这些内容移到第 {new.last_row} 行以下、{last} 列右边，或别的工作表，保存后再试"
    return [Problem(f"{table.sheet}!{taken[0]}", what, fix)]


def grown_over(table: TablePart, other: str, other_area: Area) -> Problem:
    """Another table that a table would grow over."""
    return Problem(
        f"{table.sheet}!{other_area}",
        f"结果表 {table.name} 变大后会碰到表格 {other}",
        "请把其中一个表格移到别的位置，两个表格上下不要对着放，保存后再试",
    )


def too_long(table: str, text: str) -> Problem:
    """A text that no cell can hold."""
    what = f"有文字超过 Excel 单元格的上限（32767 字），开头是“{text}”"
    return Problem(f"表格 {table}", what, "请缩短这段文字")


def missing_table(book: str, name: str, known: Iterable[str]) -> Problem:
    """A table that the book does not have."""
    near = nearest(name, known)
    what = f"找不到表格 {name}" + (f"，只有相近的 {near}" if near else "")
    return Problem(book, what, "请在 Excel 的“表设计”里改回原来的表名称，或从备份恢复")


def lost_column(place: str, table: str, column: str) -> Problem:
    """A formula that names a column which goes."""
    return Problem(
        place,
        f"有公式引用了 {table}[{column}]，而新方案的结果里没有这一列",
        "请先修改或删除这个公式，保存后再试",
    )
