"""Worksheets that a run makes, replaces and takes away as a whole.

Each bears a mark that a spreadsheet program keeps: a hidden name of the sheet whose text is the
sheet's tab.  A copy that HR makes, or a sheet that HR renames, has another tab than its mark says
and is theirs from then on.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xl_kpi.errors import Problem
from xl_kpi.excel.cell_xml import escape_attribute, escape_text
from xl_kpi.excel.package import Package

MARK = "xl_kpi_sheet"
_TYPES = "[Content_Types].xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = f"{_OFFICE}/worksheet"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_ROOT = re.compile(r"<workbook\b[^>]*>")
_SHEETS = re.compile(r"(<sheets>)(.*?)(</sheets>)", re.DOTALL)
_SHEET = re.compile(r"<sheet\s[^>]*/>")
_NAMES = re.compile(r"<definedNames>(.*?)</definedNames>|<definedNames\s*/>", re.DOTALL)
_NAME = re.compile(r"<definedName\s[^>]*>.*?</definedName>|<definedName\s[^>]*/>", re.DOTALL)
_LOCAL = re.compile(r'(\slocalSheetId\s*=\s*")(\d+)(")')
_VIEW = re.compile(r"<workbookView\b[^>]*>")
_VIEW_TABS = re.compile(r'(\s(?:activeTab|firstSheet)\s*=\s*")(\d+)(")')
_LOCKED = re.compile(r'<workbookProtection\b[^>]*\slockStructure\s*=\s*"(?:1|true)"')
_AFTER_SHEETS = re.compile(
    r"</sheets>|</(?:functionGroups|externalReferences)>"
    r"|<(?:functionGroups|externalReferences)\s*/>"
)
_FORMULA = re.compile(rb"<(?:\w+:)?(?:f|formula[12]?)(?:\s[^>]*)?>([^<]*)<")
_CODE_NAME = re.compile(rb'<sheetPr\b[^>]*\scodeName="([^"]*)"')
_SHEET_ROOT = re.compile(rb"<worksheet\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """A worksheet of ours: its tab, its part, the rows and columns repeated in print."""

    tab: str
    content: bytes
    print_titles: str = ""  # such as ``'对账月'!$A:$B,'对账月'!$1:$5``


@dataclass(slots=True)
class SheetsEdit:
    """What becomes of the book: new content by part, parts that go, what speaks against it."""

    changed: dict[str, bytes] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Tab:
    """A sheet of the book as its workbook part lists it."""

    tag: str
    name: str
    id: int
    link: str
    index: int


def replace_own_sheets(
    package: Package, sheets: Sequence[OwnSheet], read: Callable[[str], bytes]
) -> SheetsEdit:
    """Put these sheets in the place of those that an earlier run made.

    Args:
        package: The book.
        sheets: All of ours, in their order; what is not among them goes.
        read: The content of a part as other changes leave it.

    Raises:
        ValueError: a part is not written in the plain form that spreadsheet programs use.
    """
    return _Edit(package, sheets, read).made()


class _Edit:
    def __init__(
        self, package: Package, sheets: Sequence[OwnSheet], read: Callable[[str], bytes]
    ) -> None:
        self.package, self.sheets, self.read = package, sheets, read
        self.workbook = read(package.workbook_part).decode("utf-8")
        self.tabs = list(_tabs(self.workbook))
        marked = _marked(self.workbook)
        self.own = {tab.name: tab for tab in self.tabs if marked.get(tab.index) == tab.name}
        self.edit = SheetsEdit()

    def made(self) -> SheetsEdit:
        wanted = {sheet.tab: sheet for sheet in self.sheets}
        added = [sheet for sheet in self.sheets if sheet.tab not in self.own]
        gone = [tab for name, tab in self.own.items() if name not in wanted]
        self._refuse(added, gone)
        if self.edit.problems:
            return self.edit
        links = self.package.relationships(self.package.workbook_part)
        for name, tab in self.own.items():
            part = links[tab.link].target
            if name in wanted:
                self._replace(part, wanted[name].content)
            else:
                self.edit.removed.add(part)
            rels = _rels(part)
            if rels in self.package.names:  # what HR put on it: comments, pictures
                self.edit.removed.add(rels)
        new = self._add_parts(added, gone)
        workbook = self._workbook(new)
        if workbook != self.workbook:
            self.edit.changed[self.package.workbook_part] = workbook.encode()
        return self.edit

    def _replace(self, part: str, content: bytes) -> None:
        content = _with_code_name(content, self.package.read(part))
        if not self.package.holds(part, content):
            self.edit.changed[part] = content

    # --- what speaks against it ----------------------------------------------------------------

    def _refuse(self, added: Sequence[OwnSheet], gone: Sequence[_Tab]) -> None:
        book = self.package.path.name
        if (added or gone) and _LOCKED.search(self.workbook):
            self.edit.problems.append(structure_locked(book))
        theirs = {t.name.casefold() for t in self.tabs if t.name not in self.own}
        for sheet in added:
            if sheet.tab.casefold() in theirs:
                self.edit.problems.append(name_taken(book, sheet.tab))
        names = [tab.name for tab in gone]
        if names:
            for place, name in self._references(names):
                self.edit.problems.append(sheet_in_use(place, name))

    def _references(self, names: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Formulas of other sheets that name a sheet that goes."""
        pattern = re.compile(rf"(?<![\w\]])'?({'|'.join(map(re.escape, names))})'?!")
        found = []
        for sheet, part in self.package.sheets.items():
            if sheet in self.own:
                continue
            named: dict[str, None] = {}
            for formula in _FORMULA.findall(self.read(part)):
                if b"!" in formula:  # some programs write Chinese as character references
                    named |= dict.fromkeys(pattern.findall(html.unescape(formula.decode())))
            found += [(f"工作表“{sheet}”", name) for name in named]
        own = {tab.index for tab in self.own.values()}
        for tag in _NAME.findall(self.workbook):
            local = _LOCAL.search(tag)
            if local and int(local[2]) in own:
                continue
            text = html.unescape(tag)
            found += [("名称管理器", n) for n in names if f"'{n}'!" in text or f">{n}!" in text]
        return found

    # --- the parts -----------------------------------------------------------------------------

    def _add_parts(self, added: Sequence[OwnSheet], gone: Sequence[_Tab]) -> dict[str, _Tab]:
        """Name the new parts and list them where the package lists its parts."""
        if not added and not gone:
            return {}
        package = self.package
        folder, _, base = package.workbook_part.rpartition("/")
        links_part = f"{folder}/_rels/{base}.rels".lstrip("/")
        types, links = self.read(_TYPES).decode("utf-8"), self.read(links_part).decode("utf-8")
        targets = package.relationships(package.workbook_part)
        for tab in gone:
            types = _without(types, "Override", "PartName", f"/{targets[tab.link].target}")
            links = _without(links, "Relationship", "Id", tab.link)
        taken = set(package.names) - self.edit.removed
        ids = set(re.findall(r'\sId\s*=\s*"([^"]*)"', links))
        numbers = max((tab.id for tab in self.tabs), default=0)
        new: dict[str, _Tab] = {}
        overrides, relations = "", ""
        prefix = f' xmlns:r="{_OFFICE}"'  # some programs state it on every sheet
        root = _ROOT.search(self.workbook)
        if root and prefix in root[0]:
            prefix = ""
        for sheet in added:
            part = _free(taken, lambda n: posixpath.join(folder, f"worksheets/kpi{n}.xml"))
            link = _free(ids, lambda n: f"rKpi{n}")
            numbers += 1
            name = escape_attribute(sheet.tab)
            tag = f'<sheet{prefix} name="{name}" sheetId="{numbers}" r:id="{link}"/>'
            new[sheet.tab] = _Tab(tag, sheet.tab, numbers, link, -1)
            overrides += f'<Override PartName="/{part}" ContentType="{_CONTENT_TYPE}"/>'
            target = posixpath.relpath(part, folder or ".")
            relations += f'<Relationship Id="{link}" Type="{_KIND}" Target="{target}"/>'
            self.edit.removed.discard(part)
            self.edit.changed[part] = sheet.content
        self.edit.changed[_TYPES] = _at_the_end(types, "Types", overrides).encode()
        self.edit.changed[links_part] = _at_the_end(links, "Relationships", relations).encode()
        return new

    def _workbook(self, new: dict[str, _Tab]) -> str:
        """The workbook part with its list of sheets, its names and its view brought up to date."""
        own = [new.get(sheet.tab) or self.own[sheet.tab] for sheet in self.sheets]
        first = min((tab.index for tab in self.own.values()), default=len(self.tabs))
        theirs = [tab for tab in self.tabs if tab.name not in self.own]
        before = [tab for tab in theirs if tab.index < first]
        order = [*before, *own, *theirs[len(before) :]]
        places = {tab.index: n for n, tab in enumerate(order) if tab.index >= 0}
        if [tab.tag for tab in order] == [tab.tag for tab in self.tabs]:
            text = self.workbook
        else:
            listed = "".join(tab.tag for tab in order)
            text = _SHEETS.sub(lambda m: f"{m[1]}{listed}{m[3]}", self.workbook, count=1)
        fallback = len(before) if own else 0

        def moved(tab: re.Match[str]) -> str:
            return f"{tab[1]}{places.get(int(tab[2]), fallback)}{tab[3]}"

        text = _VIEW.sub(lambda view: _VIEW_TABS.sub(moved, view[0]), text)
        return self._with_names(text, places, {tab.name: n for n, tab in enumerate(order)})

    def _with_names(self, text: str, moved: dict[int, int], places: dict[str, int]) -> str:
        own = {tab.index for tab in self.own.values()}
        kept = []
        found = _NAMES.search(text)
        for tag in _NAME.findall(found[0]) if found else ():
            local = _LOCAL.search(tag)
            if local is None:
                kept.append(tag)
            elif int(local[2]) not in own:
                place = moved[int(local[2])]
                kept.append(_LOCAL.sub(rf"\g<1>{place}\g<3>", tag, count=1))
        for sheet in self.sheets:
            place = places[sheet.tab]
            mark = escape_text('"' + sheet.tab.replace('"', '""') + '"')
            kept.append(
                f'<definedName name="{MARK}" localSheetId="{place}" hidden="1">{mark}</definedName>'
            )
            if sheet.print_titles:
                kept.append(
                    f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">'
                    f"{escape_text(sheet.print_titles)}</definedName>"
                )
        names = f"<definedNames>{''.join(kept)}</definedNames>" if kept else ""
        if found:
            return text[: found.start()] + names + text[found.end() :]
        last = list(_AFTER_SHEETS.finditer(text))[-1].end()
        return text[:last] + names + text[last:]


def _with_code_name(content: bytes, before: bytes) -> bytes:
    """The name by which a book's VBA knows the sheet stays; its module would be orphaned else."""
    name = _CODE_NAME.search(before[:2_000])
    if name is None or _CODE_NAME.search(content[:2_000]):
        return content
    attribute = b' codeName="' + name[1] + b'"'
    if b"<sheetPr" in content[:2_000]:
        return content.replace(b"<sheetPr", b"<sheetPr" + attribute, 1)
    return _SHEET_ROOT.sub(lambda root: root[0] + b"<sheetPr" + attribute + b"/>", content, count=1)


def structure_locked(book: str) -> Problem:
    """Sheets would have to come or go."""
    fix = "请在“审阅”里点“保护工作簿”取消保护，保存后再试"
    return Problem(book, "工作簿的结构受保护，不能增减对账表", fix)


def name_taken(book: str, tab: str) -> Problem:
    """A sheet of HR's has the name that one of ours needs."""
    what = f"已有一张不是程序做的工作表叫“{tab}”，程序要用这个名称"
    return Problem(book, what, "请给那张工作表改个名称，保存后再试")


def sheet_in_use(place: str, tab: str) -> Problem:
    """A formula names a sheet that goes."""
    what = f"有公式引用了“{tab}”，而新方案没有这张对账表"
    return Problem(place, what, "请先修改或删除这个公式，保存后再试")


def _tabs(workbook: str) -> Sequence[_Tab]:
    listed = _SHEETS.search(workbook)
    if listed is None or _SHEET.sub("", listed[2]).strip():
        raise ValueError("not a plain workbook part")
    found = []
    for index, tag in enumerate(_SHEET.findall(listed[2])):
        attributes = dict(_ATTRIBUTE.findall(tag))
        link = next(value for key, value in attributes.items() if key.endswith(":id"))
        name = html.unescape(attributes["name"])
        found.append(_Tab(tag, name, int(attributes["sheetId"]), link, index))
    return found


def _marked(workbook: str) -> dict[int, str]:
    """By the number of a sheet, the tab that its mark tells."""
    found = {}
    names = _NAMES.search(workbook)
    for tag in _NAME.findall(names[0]) if names else ():
        head, _, rest = tag.partition(">")
        attributes = dict(_ATTRIBUTE.findall(head))
        text = html.unescape(rest.removesuffix("</definedName>"))
        if attributes.get("name") == MARK and "localSheetId" in attributes and text[:1] == '"':
            found[int(attributes["localSheetId"])] = text[1:-1].replace('""', '"')
    return found


def _rels(part: str) -> str:
    folder, base = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def _free(taken: set[str], named: Callable[[int], str]) -> str:
    number = next(n for n in range(1, len(taken) + 2) if named(n) not in taken)
    taken.add(named(number))
    return named(number)


def _without(text: str, tag: str, attribute: str, value: str) -> str:
    pattern = rf"""<{tag}\s[^>]*?\b{attribute}\s*=\s*["']{re.escape(value)}["'][^>]*?/>"""
    text, found = re.subn(pattern, "", text, count=1, flags=re.IGNORECASE)
    if not found:
        raise ValueError(f"no {tag} for {value}")
    return text


def _at_the_end(text: str, group: str, elements: str) -> str:
    end = f"</{group}>"
    if elements and end not in text:
        raise ValueError(f"no {end}")
    return text.replace(end, elements + end)
