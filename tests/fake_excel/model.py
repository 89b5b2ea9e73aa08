"""Excel's object model, as far as the live book uses it: names and behaviour as in Excel."""

import copy
import datetime as dt
import functools
import io
import re
import types
import warnings
from dataclasses import dataclass, field
from decimal import Decimal

import openpyxl

from xl_kpi.excel.area import Area, cell_name, column_letters

MESSAGES = []  # of message boxes
ANSWERS = []  # to questions, in turn: whether it is yes
NOT_FOUND = -2147352567
_ERRORS = {"#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029,
           "#NUM!": 2036, "#N/A": 2042, "#SPILL!": 2045}  # fmt: skip
_ERROR_BASE = -2146828288
_EPOCH = dt.datetime(1899, 12, 30)
_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?%?")
_DAY = re.compile(r"(\d{4})[-/年](\d{1,2})(?:[-/月](\d{1,2})日?|月)?")


class com_error(Exception):
    def __init__(self, text="", hresult=NOT_FOUND):
        super().__init__(hresult, text, None, None)
        self.hresult, self.excepinfo = hresult, None


@dataclass
class Cell:
    value: object = None  # str, float, bool, None; an int is an error as COM gives it
    formula: str = ""
    style: str = "Normal"
    form: str = "General"


@dataclass
class Log:
    """What was asked of Excel; ``fail_at`` makes the n-th call of a kind fail."""

    reads: list = field(default_factory=list)
    writes: list = field(default_factory=list)
    looks: list = field(default_factory=list)
    fail_at: dict = field(default_factory=dict)

    def note(self, kind, what):
        calls = getattr(self, kind)
        calls.append(what)
        if self.fail_at.get(kind) == len(calls):
            raise com_error(f"refused: {what}")


def typed(text, form):
    """What Excel makes of a text that is typed into a cell."""
    if text == "":
        return None
    if text.startswith("'"):
        return text[1:]
    if form == "@":
        return text
    if text.upper() in _ERRORS:
        return _ERRORS[text.upper()] + _ERROR_BASE
    if text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    if _NUMBER.fullmatch(text):
        percent = text.endswith("%")
        return float(text.rstrip("%").replace(",", "")) / (100 if percent else 1)
    if day := _DAY.fullmatch(text):
        year, month, of_month = (int(x) if x else 1 for x in day.groups())
        return float((dt.datetime(year, month, of_month) - _EPOCH).days)
    return text


# --- application -------------------------------------------------------------------------------


class Application:
    Version, Hwnd = "16.0", 4711

    def __init__(self):
        self.log = Log()
        self.ScreenUpdating = self.EnableEvents = self.DisplayAlerts = True
        self.Calculation, self._status_bar = -4105, False
        self.AutoCorrect = types.SimpleNamespace(AutoFillFormulasInLists=True)
        self.said, self.Selection, self.calculated = [], None, 0
        self.ActiveWindow = Window()
        self.typed = False  # what is typed into an input box; False = cancelled
        self.chosen, self.dialogs = False, []  # what is picked in a file dialog; False = cancelled

    def InputBox(self, **options):
        self.dialogs.append(options)
        return self.typed

    def GetOpenFilename(self, **options):
        self.dialogs.append(options)
        return self.chosen

    @property
    def StatusBar(self):
        return self._status_bar

    @StatusBar.setter
    def StatusBar(self, text):
        self._status_bar = text
        self.said.append(text)

    def Calculate(self):
        self.calculated += 1

    def settings(self):
        return (self.ScreenUpdating, self.EnableEvents, self.DisplayAlerts, self.Calculation,
                self.StatusBar, self.AutoCorrect.AutoFillFormulasInLists)  # fmt: skip


class Window:
    DisplayGridlines, FreezePanes, SplitRow, SplitColumn = True, False, 0, 0


class Collection(list):
    def __init__(self, items, make=None):
        super().__init__(items)
        self._make = make

    @property
    def Count(self):
        return len(self)

    def __call__(self, key):
        return self.Item(key)

    def Item(self, key):
        if isinstance(key, int):
            return self[key - 1]
        for one in self:
            if one.Name.casefold() == key.casefold():
                return one
        raise com_error(f"no {key}")

    def Add(self, *args, **kwargs):
        return self._make(*args, **kwargs)


@functools.cache
def _file(content):
    """A file as openpyxl reads it, and the cells of each sheet as Excel holds them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl knows no print area of whole columns
        formulas = openpyxl.load_workbook(io.BytesIO(content))
        values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    loaded = {
        sheet.title: {
            (cell.row, cell.column): _loaded(cell, values[sheet.title].cell(cell.row, cell.column))
            for row in sheet.iter_rows() for cell in row
            if cell.has_style or cell.value is not None
        }
        for sheet in formulas.worksheets
    }  # fmt: skip
    return formulas, loaded


# --- workbook ----------------------------------------------------------------------------------


class Workbook:
    def __init__(self, path):
        self.Application = Application()
        self.Name, self.FullName, self.Path = path.name, str(path), str(path.parent)
        self.Saved = True
        self.ReadOnly, self.ProtectStructure, self.Date1904 = False, False, False
        self.Saved = True
        self._sheets, self._styles = [], {"Normal": Style("Normal")}
        formulas, loaded = _file(path.read_bytes())
        for sheet in formulas.worksheets:
            self._sheets.append(Worksheet(self, sheet, loaded[sheet.title]))
        self._names = [
            Name(self, None, n, f"={d.attr_text}") for n, d in formulas.defined_names.items()
        ]
        for style in formulas.named_styles:
            self._styles.setdefault(style, Style(style))
        self.ActiveSheet = self._sheets[formulas.index(formulas.active)]
        self.Application.ActiveSheet = self.ActiveSheet
        self.Application.ActiveWorkbook = self
        self.Application.Selection = self.ActiveSheet.Range("A1")

    @property
    def log(self):
        return self.Application.log

    @property
    def Worksheets(self):
        return Sheets(self)

    @property
    def Names(self):
        return Collection(self._names)

    @property
    def Styles(self):
        return Collection(self._styles.values(), self._add_style)

    def _add_style(self, name):
        self.log.note("looks", f"style {name}")
        made = self._styles[name] = Style(name)
        return made

    def Windows(self, number):
        return self.Application.ActiveWindow

    def Activate(self):
        pass


class Style:
    def __init__(self, name):
        self.Name = name
        self.Font, self.Interior, self.Borders = (types.SimpleNamespace() for _ in range(3))


class Sheets(Collection):
    def __init__(self, book):
        super().__init__(book._sheets)
        self._book = book

    @property
    def Parent(self):
        return self._book

    def __call__(self, key):
        if isinstance(key, tuple):
            return Several(self._book, [super(Sheets, self).Item(one) for one in key])
        return self.Item(key)

    def Add(self, Before=None):
        book = self._book
        book.log.note("writes", "add a sheet")
        if book.ProtectStructure:
            raise com_error("structure")
        made = Worksheet(book)
        made._name = f"Sheet{len(book._sheets) + 90}"
        place = book._sheets.index(Before) if Before is not None else 0
        book._sheets.insert(place, made)
        book.ActiveSheet = book.Application.ActiveSheet = made
        return made


class Several:
    def __init__(self, book, sheets):
        self.book, self.sheets = book, sheets

    def Delete(self):
        self.book.log.note("writes", f"delete {[s.Name for s in self.sheets]}")
        assert not self.book.Application.DisplayAlerts, "Excel would ask"
        for sheet in self.sheets:
            self.book._sheets.remove(sheet)


class Name:
    def __init__(self, book, sheet, name, refers_to, visible=True):
        self.book, self.sheet, self._name, self.RefersTo = book, sheet, name, refers_to
        self.Visible = visible

    @property
    def Name(self):
        return f"'{self.sheet.Name}'!{self._name}" if self.sheet else self._name


# --- worksheet ---------------------------------------------------------------------------------

_ALLOWED = {
    "AllowFormattingCells": "formatCells", "AllowFormattingColumns": "formatColumns",
    "AllowFormattingRows": "formatRows", "AllowInsertingColumns": "insertColumns",
    "AllowInsertingRows": "insertRows", "AllowInsertingHyperlinks": "insertHyperlinks",
    "AllowDeletingColumns": "deleteColumns", "AllowDeletingRows": "deleteRows",
    "AllowSorting": "sort", "AllowFiltering": "autoFilter", "AllowUsingPivotTables": "pivotTables",
}  # fmt: skip


class Worksheet:
    Visible = -1

    def __init__(self, book, sheet=None, cells=None):
        self.Parent, self.Application = book, book.Application
        self.cells, self.tables, self._names, self.links, self.rules = {}, [], [], [], []
        self.password, self.ProtectContents = None, False
        self.ProtectDrawingObjects = self.ProtectScenarios = False
        self.Protection = types.SimpleNamespace(**dict.fromkeys(_ALLOWED, False))
        self.Tab, self.PageSetup = types.SimpleNamespace(), types.SimpleNamespace()
        self.merged, self.widths, self.calculated = [], {}, 0
        self.folded, self.bars = set(), []
        self._names_tables = None  # not yet known
        if sheet is None:
            return
        self._name = sheet.title
        self.cells = {key: Cell(*content) for key, content in cells.items()}
        self.tables = [ListObject(self, table) for table in sheet.tables.values()]
        self.merged = [Area.parse(str(area)) for area in sheet.merged_cells.ranges]
        self.folded = {
            number for one in sheet.column_dimensions.values() if one.hidden
            for number in range(one.min, one.max + 1)
        }  # fmt: skip
        self.bars = [
            Bar(self, Area.parse(str(one.sqref)))
            for one in sheet.conditional_formatting if one.rules[0].type == "dataBar"
        ]
        self._names = [
            Name(book, self, n, f"={d.attr_text}", visible=not d.hidden)
            for n, d in sheet.defined_names.items()
        ]
        protection = sheet.protection
        self.ProtectContents = bool(protection.sheet)
        for name, allowed in _ALLOWED.items():
            setattr(self.Protection, name, not getattr(protection, allowed))

    @property
    def log(self):
        return self.Parent.log

    @property
    def Name(self):
        return self._name

    @Name.setter
    def Name(self, name):
        self.log.note("writes", f"name a sheet {name}")
        assert len(name) <= 31
        self._name = name

    @property
    def Index(self):
        return self.Parent._sheets.index(self) + 1

    @property
    def Names(self):
        return Collection(self._names, self._add_name)

    def _add_name(self, name, refers_to):
        self.log.note("writes", f"name {name}")
        made = Name(self.Parent, self, name, refers_to)
        self._names.append(made)
        return made

    @property
    def ListObjects(self):
        return Collection(self.tables)

    @property
    def UsedRange(self):
        filled = [
            key for key, cell in self.cells.items()
            if cell.value is not None or cell.formula or cell.style != "Normal"
        ] or [(1, 1)]  # fmt: skip
        rows, columns = zip(*filled, strict=True)
        return Range(self, [Area(min(rows), min(columns), max(rows), max(columns))])

    @property
    def Cells(self):
        return AllCells(self)

    def Range(self, first, last=None):
        if isinstance(first, Range):
            areas = [first.area.union(last.area)] if last is not None else first.areas
            return Range(self, areas)
        return Range(self, [_area(text) for text in first.split(",")])

    @property
    def Hyperlinks(self):
        return types.SimpleNamespace(Add=self._add_link)

    def _add_link(self, anchor, address, place):
        self.log.note("looks", "link")
        self.links.append((str(anchor.area), place))

    def Activate(self):
        self.Parent.ActiveSheet = self.Application.ActiveSheet = self

    def Calculate(self):
        self.calculated += 1

    def Delete(self):
        self.log.note("writes", f"delete {self.Name}")
        self.Parent._sheets.remove(self)
        if self.Parent.ActiveSheet is self:
            self.Parent._sheets[0].Activate()

    def Unprotect(self, password=None):
        assert password is not None, "Excel would ask for the password"
        if self.password and password != self.password:
            raise com_error("wrong password")
        self.ProtectContents = False
        for name in _ALLOWED:  # the real Excel forgets them too
            setattr(self.Protection, name, False)

    def Protect(self, password, drawings, contents, scenarios, interface_only, *allowed):
        self.ProtectDrawingObjects, self.ProtectContents = drawings, contents
        self.ProtectScenarios = scenarios
        for name, value in zip(_ALLOWED, allowed, strict=True):
            setattr(self.Protection, name, value)

    def refuse_if_protected(self):
        if self.ProtectContents:
            raise com_error("protected")

    def structured(self):
        """The cells whose formulas name columns of tables: few sheets have any."""
        if self._names_tables is None:
            self._names_tables = any("[" in cell.formula for cell in self.cells.values())
        return [c for c in self.cells.values() if "[" in c.formula] if self._names_tables else []

    def hidden_rows(self):
        return {row for table in self.tables for row in table.hidden}


def _area(text):
    text = text.replace("$", "")
    if re.fullmatch(r"[A-Z]+:[A-Z]+", text):
        first, last = text.split(":")
        return Area.parse(f"{first}1:{last}1048576")
    if re.fullmatch(r"\d+:\d+", text):
        first, last = text.split(":")
        return Area.parse(f"A{first}:XFD{last}")
    return Area.parse(text)


def _loaded(cell, shown):
    value = shown.value
    if isinstance(value, str) and shown.data_type == "e":
        value = _ERRORS[value] + _ERROR_BASE
    elif isinstance(value, bool):
        pass
    elif isinstance(value, (int, float)):
        value = float(value)
    elif isinstance(value, dt.datetime):
        value = (value - _EPOCH) / dt.timedelta(days=1)
    elif isinstance(value, dt.time):
        value = (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    formula = cell.value if cell.data_type == "f" else ""
    return value, str(formula), cell.style, cell.number_format


# --- range -------------------------------------------------------------------------------------


class Range:
    def __init__(self, sheet, areas):
        self.Worksheet, self.areas = sheet, areas
        self.Application = sheet.Application

    @property
    def area(self):
        (only,) = self.areas
        return only

    @property
    def log(self):
        return self.Worksheet.log

    @property
    def Row(self):
        return self.area.first_row

    @property
    def Column(self):
        return self.area.first_column

    @property
    def Rows(self):
        return Lines(self, self.area.last_row - self.area.first_row + 1)

    @property
    def Columns(self):
        return Lines(self, self.area.last_column - self.area.first_column + 1)

    @property
    def Count(self):
        return self.Rows.Count * self.Columns.Count

    @property
    def Address(self):
        a = self.area
        first = f"${column_letters(a.first_column)}${a.first_row}"
        last = f"${column_letters(a.last_column)}${a.last_row}"
        return first if first == last else f"{first}:{last}"

    def __call__(self, row, column):
        a = self.area
        row, column = a.first_row + row - 1, a.first_column + column - 1
        return Range(self.Worksheet, [Area(row, column, row, column)])

    def _keys(self):
        a = self.area
        return [
            [(r, c) for c in range(a.first_column, a.last_column + 1)]
            for r in range(a.first_row, a.last_row + 1)
        ]

    def _get(self, kind, make):
        self.log.note("reads", f"{kind} {self.Worksheet.Name}!{self.area}")
        cells, blank = self.Worksheet.cells, Cell()
        rows = tuple(tuple(make(cells.get(key, blank)) for key in row) for row in self._keys())
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows

    @property
    def Value(self):
        return self._get("Value", _as_value)

    @property
    def Value2(self):
        return self._get("Value2", lambda cell: cell.value)

    @property
    def Formula(self):
        return self._get("Formula", _as_formula)

    Formula2 = property(lambda self: self.Formula, lambda self, data: self._set(data))

    @Value.setter
    def Value(self, data):
        self._set(data)

    @Formula.setter
    def Formula(self, data):
        self._set(data)

    def _set(self, data):
        sheet, keys = self.Worksheet, self._keys()
        self.log.note("writes", f"cells {sheet.Name}!{self.area}")
        sheet.refuse_if_protected()
        if not isinstance(data, (list, tuple)):
            data = [[data] * len(row) for row in keys]
        hidden = sheet.hidden_rows()
        if hidden:  # Excel passes over rows that a filter hides and goes on below
            keys = [row for row in keys if row[0][0] not in hidden]
        for table in sheet.tables:
            table.grow_into(self.area, data)
        for row, texts in zip(keys, data, strict=False):
            assert len(row) == len(texts)
            for key, text in zip(row, texts, strict=True):
                self._enter(key, text)

    def _enter(self, key, text):
        sheet = self.Worksheet
        cell = sheet.cells.setdefault(key, Cell())
        before = cell.value
        assert isinstance(text, (str, float, bool, int)), f"COM takes no {type(text)}"
        if isinstance(text, str) and text.startswith("=") and len(text) > 1:
            cell.formula, cell.value = text, 0.0
            sheet._names_tables = None if "[" in text else sheet._names_tables
            return
        cell.formula = ""
        cell.value = typed(text, cell.form) if isinstance(text, str) else text
        if type(cell.value) is int and not isinstance(text, str):
            cell.value = float(cell.value)
        for table in sheet.tables:
            table.keep_header_whole(key)
            table.rename_in_formulas(key, before)

    def ClearContents(self):
        self.log.note("writes", f"clear {self.Worksheet.Name}!{self.area}")
        self.Worksheet.refuse_if_protected()
        for row in self._keys():
            for key in row:
                if cell := self.Worksheet.cells.get(key):
                    cell.value, cell.formula = None, ""

    @property
    def Text(self):
        cell = self.Worksheet.cells.get((self.Row, self.Column), Cell())
        if type(cell.value) is float and cell.form == "#,##0.00":
            return f"{cell.value:,.2f}"
        return "" if cell.value is None else str(cell.value)

    @property
    def MergeCells(self):
        return any(self.area.overlaps(merged) for merged in self.Worksheet.merged)

    # looks

    def _each(self, what, change):
        self.log.note("looks", f"{what} {self.Worksheet.Name}!{self.areas[0]}")
        for area in self.areas:
            if area.last_row > 100_000 or area.last_column > 10_000:
                continue  # whole rows and columns: their cells are not told apart here
            for row in Range(self.Worksheet, [area])._keys():
                for key in row:
                    change(self.Worksheet.cells.setdefault(key, Cell()))

    @property
    def Style(self):
        cell = self.Worksheet.cells.get((self.Row, self.Column), Cell())
        return self.Worksheet.Parent._styles[cell.style]

    @Style.setter
    def Style(self, name):
        assert name in self.Worksheet.Parent._styles, f"no style {name}"
        self._each("style", lambda cell: setattr(cell, "style", name))

    @property
    def NumberFormat(self):
        return self.Worksheet.cells.get((self.Row, self.Column), Cell()).form

    @NumberFormat.setter
    def NumberFormat(self, form):
        self._each("number format", lambda cell: setattr(cell, "form", form))

    def AutoFill(self, Destination, Type):
        assert Type == 3, "formats only"
        first = self.Worksheet.cells.get((self.Row, self.Column), Cell())
        Destination._each("fill", lambda cell: setattr(cell, "style", first.style))

    def _ignored(self, what):
        self.log.note("looks", what)

    ColumnWidth = RowHeight = property(
        lambda self: 10.0, lambda self, value: self._ignored("measure")
    )
    Locked = property(lambda self: True, lambda self, value: self._ignored("lock"))
    OutlineLevel = property(lambda self: 1, lambda self, value: self._ignored("group"))

    def _fold(self, is_hidden):
        self._ignored("fold")
        for area in self.areas:
            if area.last_column < 10_000:
                columns = set(range(area.first_column, area.last_column + 1))
                self.Worksheet.folded -= columns
                self.Worksheet.folded |= columns if is_hidden else set()

    Hidden = property(lambda self: False, _fold)

    @property
    def EntireColumn(self):
        return self

    EntireRow = EntireColumn

    @property
    def FormatConditions(self):
        return Rules(self)

    def _add_rule(self, kind, operator, formula):
        self.log.note("looks", "rule")
        self.Worksheet.rules.append(([str(a) for a in self.areas], operator, formula))
        return Style("")

    def _delete_rules(self):
        self.log.note("looks", "delete rules")
        self.Worksheet.rules.clear()
        self.Worksheet.bars.clear()

    @property
    def Hyperlinks(self):
        return types.SimpleNamespace(Delete=self.Worksheet.links.clear)

    def ClearOutline(self):
        self.log.note("looks", "outline")

    def Select(self):
        self.Application.Selection = self

    def AutoFilter(self, Field, Criteria1, Operator=0, Criteria2=None):
        self.log.note("writes", f"filter {self.Worksheet.Name}!{self.area}")
        (table,) = [t for t in self.Worksheet.tables if t.area == self.area]
        table.filter(Field, Criteria1, Operator, Criteria2)


class Rules:
    """The conditional formats of a sheet; those that show bars can be moved."""

    def __init__(self, cells):
        self.Add, self.Delete = cells._add_rule, cells._delete_rules
        self._bars = cells.Worksheet.bars
        self.Count = len(self._bars)

    def __call__(self, number):
        return self._bars[number - 1]


class Bar:
    Type = 4

    def __init__(self, sheet, area):
        self.AppliesTo = Range(sheet, [area])

    def ModifyAppliesToRange(self, cells):
        cells.log.note("looks", "move a bar")
        self.AppliesTo = cells


class AllCells(Range):
    def __init__(self, sheet):
        super().__init__(sheet, [Area(1, 1, 1_048_576, 16_384)])

    def __call__(self, row, column):
        return Range(self.Worksheet, [Area(row, column, row, column)])

    @property
    def Style(self):
        raise NotImplementedError

    @Style.setter
    def Style(self, name):
        self.log.note("looks", f"style of {self.Worksheet.Name}")
        for cell in self.Worksheet.cells.values():
            cell.style = name

    def Find(self, What, LookIn, LookAt):
        assert (LookIn, LookAt) == (-4123, 2)
        for (row, column), cell in sorted(self.Worksheet.cells.items()):
            if What.casefold() in str(_as_formula(cell)).casefold():
                return self(row, column)
        return None


class Lines:
    def __init__(self, of, count):
        self.of, self.Count = of, count

    def AutoFit(self):
        self.of.log.note("looks", "fit")


def _as_value(cell):
    """``Value`` gives days and money in their own types, to fewer digits."""
    value, form = cell.value, cell.form
    if type(value) is not float:
        return value
    if re.search(r"[¥￥$]", form):
        return Decimal(value).quantize(Decimal("0.0001"))
    if re.search(r"[yd]|h:mm", form) and "General" not in form:
        return (_EPOCH + dt.timedelta(days=value)).replace(tzinfo=dt.UTC)
    return value


def _as_formula(cell):
    if cell.formula:
        return cell.formula
    if cell.value is None:
        return ""
    if type(cell.value) is int:
        return next(t for t, n in _ERRORS.items() if n + _ERROR_BASE == cell.value)
    if isinstance(cell.value, bool):
        return str(cell.value).upper()
    if isinstance(cell.value, float):
        return f"{cell.value:.15g}"  # fewer digits than the cell holds
    return cell.value


# --- tables ------------------------------------------------------------------------------------


class ListObject:
    def __init__(self, sheet, table):
        self.Parent, self.Name = sheet, table.displayName
        self.area = Area.parse(table.ref)
        self.names = [column.name for column in table.tableColumns]
        self.ShowHeaders = table.headerRowCount != 0
        self.ShowTotals = bool(table.totalsRowCount)
        self.ShowAutoFilter = table.autoFilter is not None
        self.filters, self.hidden = {}, set()

    DisplayName = property(lambda self: self.Name)

    @property
    def Range(self):
        return Range(self.Parent, [self.area])

    @property
    def HeaderRowRange(self):
        a = self.area
        return Range(self.Parent, [Area(a.first_row, a.first_column, a.first_row, a.last_column)])

    @property
    def ListColumns(self):
        names = self.names
        if self.ShowHeaders:
            header = Range(self.Parent, [self.HeaderRowRange.area])._keys()[0]
            names = [self.Parent.cells[key].value for key in header]
        return Collection([types.SimpleNamespace(Name=name) for name in names])

    def Resize(self, target):
        sheet = self.Parent
        sheet.log.note("writes", f"resize {self.Name} to {target.area}")
        sheet.refuse_if_protected()
        new = target.area
        assert (new.first_row, new.first_column) == (self.area.first_row, self.area.first_column)
        assert new.last_row > new.first_row
        if any(t is not self and t.area.overlaps(new) for t in sheet.tables):
            raise com_error("overlap")
        gone = [
            sheet.cells[new.first_row, c].value
            for c in range(new.last_column + 1, self.area.last_column + 1)
        ]
        self.area = new
        for name in gone:
            self._in_formulas(f"{self.Name}[{name}]", "#REF!")
        for column in range(new.first_column, new.last_column + 1):
            self.keep_header_whole((new.first_row, column))

    def grow_into(self, area, data):
        """What is written right under or beside a table makes it grow."""
        a = self.area
        beside = Area(a.first_row, a.last_column + 1, a.last_row, a.last_column + 1)
        under = Area(a.last_row + 1, a.first_column, a.last_row + 1, a.last_column)
        filled = any(text not in ("", None) for row in data for text in row)
        if filled and not self.ShowTotals and (area.overlaps(under) or area.overlaps(beside)):
            self.area = a.union(beside if area.overlaps(beside) else under)

    def keep_header_whole(self, key):
        """Excel changes a column's name that is blank or that another column has."""
        a = self.area
        if key[0] != a.first_row or not a.first_column <= key[1] <= a.last_column:
            return
        cells = self.Parent.cells
        cell = cells.setdefault(key, Cell())
        others = {
            str(cells.get((a.first_row, c), Cell()).value).casefold()
            for c in range(a.first_column, a.last_column + 1) if c != key[1]
        }  # fmt: skip
        name = cell.value if cell.value is not None else f"列{key[1]}"
        while str(name).casefold() in others:
            name = f"{name}2"
        cell.value = str(name)

    def rename_in_formulas(self, key, before):
        """A formula follows a column to its new name."""
        if key[0] == self.area.first_row and self.area.first_column <= key[1] <= self.area.last_column:
            after = self.Parent.cells[key].value
            self._in_formulas(f"{self.Name}[{before}]", f"{self.Name}[{after}]")

    def _in_formulas(self, old, new):
        book = self.Parent.Parent
        cells = (cell for sheet in book._sheets for cell in sheet.structured())
        for cell in cells if old != new else ():
            cell.formula = cell.formula.replace(old, new)
        for name in book._names:
            name.RefersTo = name.RefersTo.replace(old, new)

    @property
    def AutoFilter(self):
        return TableFilter(self) if self.ShowAutoFilter else None

    def filter(self, column, first, operator=0, second=None):
        self.filters[column] = types.SimpleNamespace(
            On=True, Criteria1=first, Operator=operator, Criteria2=second
        )
        a = self.area
        wanted = first if isinstance(first, (list, tuple)) else [first]
        wanted = {str(text).removeprefix("=") for text in wanted}
        for row in range(a.first_row + 1, a.last_row + 1):
            cell = self.Parent.cells.get((row, a.first_column + column - 1), Cell())
            if str(cell.value) not in wanted:
                self.hidden.add(row)


class TableFilter:
    def __init__(self, table):
        self.table = table

    @property
    def FilterMode(self):
        return bool(self.table.filters)

    def Filters(self, column):
        return self.table.filters.get(column) or types.SimpleNamespace(On=False)

    def ShowAllData(self):
        self.table.Parent.log.note("writes", f"show all of {self.table.Name}")
        self.table.Parent.refuse_if_protected()
        self.table.filters, self.table.hidden = {}, set()


# --- comparing ---------------------------------------------------------------------------------


def state(book, *, looks=False):
    """Everything that HR would miss: cells, tables, names, sheets, protection, filters, settings."""
    native = book.api
    return {
        "sheets": [sheet.Name for sheet in native._sheets],
        "active": native.ActiveSheet.Name,
        "settings": native.Application.settings(),
        "names": [(n.Name, n.RefersTo) for s in native._sheets for n in s._names]
        + [(n.Name, n.RefersTo) for n in native._names],
        "tables": {t.Name: str(t.area) for s in native._sheets for t in s.tables},
        "filters": {
            t.Name: (sorted((c, f.Criteria1) for c, f in t.filters.items()), sorted(t.hidden))
            for s in native._sheets for t in s.tables
        },
        "protection": {
            s.Name: (s.ProtectContents, copy.copy(vars(s.Protection))) for s in native._sheets
        },
        "cells": {s.Name: cells(s, looks=looks) for s in native._sheets},
        "folded": {s.Name: sorted(s.folded) for s in native._sheets if s.folded},
        "bars": {s.Name: sorted(str(b.AppliesTo.area) for b in s.bars) for s in native._sheets if s.bars},
    }  # fmt: skip


def cells(sheet, *, looks=False):
    """The filled cells of a sheet: formula or value, and how they look."""
    return {
        cell_name(*key): (cell.formula or cell.value, *((cell.style, cell.form) if looks else ()))
        for key, cell in sorted(sheet.cells.items())
        if looks or cell.formula or cell.value is not None
    }
