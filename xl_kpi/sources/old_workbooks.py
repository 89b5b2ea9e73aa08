"""Error cells of .xls files, which calamine reads as blanks."""

from __future__ import annotations

import io

import xlrd

from xl_kpi.errors import InputError, Problem
from xl_kpi.sources.export_sheets import ExportFile


def mark_old_errors(file: ExportFile) -> None:
    """Write the error's name into each cell of the file's sheets that holds one.

    Raises:
        InputError: the file cannot be read to its end.
    """
    try:
        with xlrd.open_workbook(str(file.path), logfile=io.StringIO(), on_demand=True) as book:
            for grid in file.grids:
                sheet = book.sheet_by_name(grid.sheet)
                for row in range(min(sheet.nrows, len(grid.rows))):
                    for column, kind in enumerate(sheet.row_types(row)):
                        if kind == xlrd.XL_CELL_ERROR and column < len(grid.rows[row]):
                            code = int(sheet.cell_value(row, column))
                            text = xlrd.error_text_from_code.get(code, "#ERROR")
                            grid.rows[row][column] = text
    except Exception as error:  # xlrd lets through whatever a damaged file causes
        what = "文件的内部写法少见，看不出公式有没有出错"
        fix = "用 Excel 打开，另存为 .xlsx 后再导入"
        raise InputError([Problem(file.path.name, what, fix)]) from error
