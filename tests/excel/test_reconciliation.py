"""The 对账 sheets that a run writes into the book: whole, ours alone, harmless, with values."""

import re
import xml.etree.ElementTree as ET
import zipfile

import numpy as np
import openpyxl
import pytest
from books import sample_book
from case_files import evaluated
from months import month

from xl_kpi.errors import InputError
from xl_kpi.excel import reconciliation_front, reconciliation_groups, sampling
from xl_kpi.excel.fill import set_scheme
from xl_kpi.excel.new import new_book
from xl_kpi.excel.own_sheets import MARK
from xl_kpi.excel.package import open_package
from xl_kpi.excel.patch import patch_book
from xl_kpi.excel.reconciliation import Reconciliation
from xl_kpi.excel.run import check_book, dry_run, run_book
from xl_kpi.excel.sampling import sample
from xl_kpi.twin import calculation

S01 = ["对账", "对账月", "对账第1周", "对账第2周", "对账第3周", "对账第4周", "对账部门", "对账参数"]
S05 = ["对账", "对账月", "对账部门", "对账参数"]
ENGLISH = ["Reconciliation", "Reconciliation month", "Reconciliation department",
           "Reconciliation figures"]  # fmt: skip


@pytest.fixture
def book(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    run_book(path, backup=False)
    return path


def tabs(path):
    return openpyxl.load_workbook(path, read_only=True).sheetnames


def ours(path):
    return [name for name in tabs(path) if name.startswith(("对账", "Reconciliation"))]


def part_of(path, sheet):
    with open_package(path) as package:
        return package.sheets[sheet]


def edited(path, change):
    """The book after HR changed it in a spreadsheet program."""
    opened = openpyxl.load_workbook(path)
    change(opened)
    opened.save(path)
    return path


def rewritten(path, changes):
    """The book with parts replaced."""
    with zipfile.ZipFile(path) as source:
        found = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in found.items():
            target.writestr(name, changes[name](content) if name in changes else content)
    return path


def shown(path, sheet, cell):
    return openpyxl.load_workbook(path, data_only=True)[sheet][cell].value


def problems(path):
    with pytest.raises(InputError) as caught:
        run_book(path, backup=False)
    return [str(problem) for problem in caught.value.problems]


# --- what is written ---------------------------------------------------------------------------


def test_the_first_sheet_says_what_was_done_for_how_many_people(book):
    rows = openpyxl.load_workbook(book)["首页"].iter_rows(min_col=6, max_col=7, values_only=True)
    said = dict(rows)["上次操作"]
    people = openpyxl.load_workbook(book)["个人结果"].tables["kpi_result_people"].ref
    count = int(re.search(r"(\d+)$", people)[1]) - 5
    assert said.startswith(f"已计算 2026-10，共 {count} 人，写入全部结果表；")


def test_a_heading_of_hr_right_of_the_result_table_stays(book):
    def change(opened):
        opened["个人结果"]["EA4"] = "人事备注"

    run_book(edited(book, change), backup=False)
    assert openpyxl.load_workbook(book)["个人结果"]["EA4"].value == "人事备注"


def test_a_run_writes_a_sheet_per_level_and_the_light(book):
    assert ours(book) == S01
    assert shown(book, "对账", "B4") == "一致"
    assert shown(book, "首页", "G16") == "一致"
    assert openpyxl.load_workbook(book)["首页"]["G16"].value == "='对账'!$B$4"


def test_every_formula_shows_a_value_before_it_is_calculated(book, parts):
    content = parts(book)
    for name in S01:
        text = content[part_of(book, name)].decode()
        formulas = re.findall(r'<c r="[A-Z]+\d+"[^>]*><f[^>]*?(?:/>|>[^<]*</f>)(<v>)?', text)
        assert formulas or name == "对账参数"
        assert all(formulas)


def test_every_figure_has_a_line_with_a_link(book):
    sheet = openpyxl.load_workbook(book)["对账"]
    lines = {
        (row[0].value, row[1].value): row[1].hyperlink.location
        for row in sheet.iter_rows(min_row=6) if row[1].hyperlink
    }  # fmt: skip
    assert lines["应发合计", "对账月"].startswith("'对账月'!")
    assert {where for _, where in lines} == set(S01) - {"对账", "对账参数"}
    opened = openpyxl.load_workbook(book)
    for (label, where), location in lines.items():
        tab, _, cell = location.partition("!")
        assert tab == f"'{where}'"
        assert opened[where][cell].value == label


def test_totals_compare_what_stands_on_the_results_sheet(book):
    formulas = openpyxl.load_workbook(book)["对账"]
    people = openpyxl.load_workbook(book)["个人结果"]
    headers = [cell.value for cell in people[5]]
    rows = {row[0].value: row for row in formulas.iter_rows(min_row=6, max_row=12)}
    letter = openpyxl.utils.get_column_letter(headers.index("应发合计") + 1)
    number = people.tables["kpi_result_people"].ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert rows["应发合计"][1].value == f"=SUM('个人结果'!${letter}$6:${letter}${number})"
    assert shown(book, "对账", rows["应发合计"][1].coordinate) == 45457.80


def test_formulas_are_plain_and_shared_ones_stay_on_their_sheet(book, parts):
    content = parts(book)
    formulas = [
        found for name in S01
        for found in re.findall(r"<f([^>]*)>([^<]+)</f>", content[part_of(book, name)].decode())
    ]  # fmt: skip
    assert len(formulas) > 400
    used = {f for _, text in formulas for f in re.findall(r"([A-Z][A-Z0-9._]*)\(", text)}
    assert used <= {
        "ABS", "AND", "AVERAGE", "COLUMNS", "COUNT", "COUNTA", "IF", "INDEX", "INT", "ISNUMBER", "LOG10",
        "MAX", "MIN", "NETWORKDAYS", "NOT", "OR", "ROUND", "SQRT", "SUM", "SUMIF",
        "SUMPRODUCT",
    }  # fmt: skip
    assert not any("[" in text.replace('"[', "") for _, text in formulas)
    # Excel reads another cell where a shared formula names another sheet.
    assert not any("shared" in attributes and "!" in text for attributes, text in formulas)
    assert any("shared" in attributes for attributes, _ in formulas)


def test_steps_are_folded_and_names_stay_in_view(book):
    sheet = openpyxl.load_workbook(book)["对账月"]
    kinds = {cell.column_letter: cell.value for cell in sheet[4]}
    assert sheet.freeze_panes == "C6"
    folded = {k for k, d in sheet.column_dimensions.items() if d.hidden and d.outlineLevel == 1}
    assert folded == {letter for letter, kind in kinds.items() if kind == "步骤"}
    assert {"给定", "步骤", "公式", "程序", "差"} <= set(kinds.values())


def test_kinds_of_columns_differ_without_colours(book):
    sheet = openpyxl.load_workbook(book)["对账月"]
    looks = {}
    for cell, kind in zip(sheet[6], sheet[4], strict=True):
        looks.setdefault(kind.value, set()).add((cell.font.b, cell.font.i))
    assert looks["公式"] == {(True, False)}
    assert looks["步骤"] == {(False, True)}
    assert looks["程序"] == {(False, False)}


def test_formats_follow_the_unit(book):
    sheet = openpyxl.load_workbook(book)["对账月"]
    formats = {h.value: c.number_format for h, c in zip(sheet[5], sheet[6], strict=True)}
    formulas = {
        h.value: c.number_format
        for h, c, k in zip(sheet[5], sheet[6], sheet[4], strict=True) if k.value == "公式"
    }  # fmt: skip
    assert formulas["应发合计"] == "#,##0.00"
    assert formulas["名次"] == "#,##0"
    assert formulas["考核得分"] == "0.0#"
    assert formats["任务完成率"] == "0.00%"


def test_a_week_shows_points_as_points_and_averages_in_their_unit(book):
    sheet = openpyxl.load_workbook(book)["对账第1周"]
    formats = {
        (h.value, k.value): c.number_format
        for h, c, k in zip(sheet[5], sheet[6], sheet[4], strict=True)
    }
    for kind in ("公式", "程序"):
        assert formats["询单人数比 得分", kind] == "0.0#"
        assert formats["顾客下单率 得分", kind] == "0.0#"
    assert formats["顾客下单率 组均值", "给定"] == "0.00%"
    assert formats["询单人数比 上期组均值", "给定"] == "0.00%"


def test_print_set_up(book):
    opened = openpyxl.load_workbook(book)
    for name in S01:
        sheet = opened[name]
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # Below the sums of 对账 stand lines with another header.
        assert sheet.print_title_rows == ("$1:$4" if name == "对账" else "$1:$5")
    assert opened["对账月"].print_title_cols == "$A:$B"


def test_the_book_is_sound(book, assert_sound):
    assert_sound(book)


def test_the_english_book_has_english_sheets(tmp_path):
    path = new_book(tmp_path / "october.xlsx", "en", {"period": "2026-10", "scheme": "S05"})
    results = evaluated(month("S05", 3, people=12))
    patch_book(path, path, [], sheets=Reconciliation([("Reconciliation", results)], "en").sheets)

    assert ours(path) == ENGLISH
    assert shown(path, "Reconciliation", "B4") == "agree"
    sheet = openpyxl.load_workbook(path)["Reconciliation month"]
    assert [sheet[cell].value for cell in ("A5", "B5")] == ["Staff ID", "Name"]
    text = " ".join(str(c.value) for row in sheet.iter_rows(min_row=6) for c in row if c.value)
    assert "不同" not in text
    assert '"differs"' in text


# --- replaced as a whole -----------------------------------------------------------------------


def test_another_scheme_has_other_sheets(book, parts):
    before = parts(book)
    set_scheme(book, "S05", "zh")
    run_book(book, backup=False)

    assert ours(book) == S05
    after = parts(book)
    gone = set(before) - set(after)
    assert len(gone) == 4
    for name in gone:
        assert f"/{name}".encode() not in after["[Content_Types].xml"]
    set_scheme(book, "S01", "zh")
    run_book(book, backup=False)
    assert ours(book) == S01


def test_a_second_run_gives_the_same_bytes(book):
    first = book.read_bytes()
    run_book(book, backup=False)
    assert book.read_bytes() == first


def test_everything_else_stays_byte_for_byte(tmp_path, parts):
    path = sample_book(tmp_path / "十月.xlsx")
    names = ("员工", "指标数据", "S01 部门奖金池", "S05 目标达成 KPI", "指标库", "目标")
    before = parts(path)
    run_book(path, backup=False)
    set_scheme(path, "S05", "zh")
    run_book(path, backup=False)

    after = parts(path)
    for name in names:
        part = part_of(path, name)
        assert after[part] == before[part]
    same = {n for n in before if n.startswith(("xl/tables/", "docProps", "xl/theme"))}
    changed = {n for n in same if before[n] != after[n]}
    with open_package(path) as package:
        results = {package.tables[t].part for t in package.tables if t.startswith("kpi_")}
    assert changed <= results


def hr_sheets(opened):
    """HR's own sheets: behind ours, and one between with our beginning."""
    notes = opened.create_sheet("对账x")
    notes["A1"] = "我的"
    notes["B1"] = "='个人结果'!A6"
    opened.create_sheet("自己的")["A1"] = 7
    opened.move_sheet("自己的", -6)  # between ours
    own = openpyxl.workbook.defined_name.DefinedName
    opened["对账x"].defined_names["我的格"] = own("我的格", attr_text="'对账x'!$A$1")
    opened.active = opened.sheetnames.index("对账x")


def test_sheets_of_hr_stay_with_their_names_and_formulas(book, parts):
    edited(book, hr_sheets)
    before = parts(book)
    mine = {name: before[part_of(book, name)] for name in ("对账x", "自己的")}
    set_scheme(book, "S05", "zh")
    run_book(book, backup=False)

    assert {n for n in tabs(book) if n in ("对账x", "自己的")} == {"对账x", "自己的"}
    after = parts(book)
    assert {name: after[part_of(book, name)] for name in mine} == mine
    opened = openpyxl.load_workbook(book)
    assert opened["对账x"].defined_names["我的格"].attr_text == "'对账x'!$A$1"
    assert opened.active.title == "对账x"
    assert ours(book) == [*S05, "对账x"]
    assert opened["个人结果"].print_title_rows == "$1:$5"


def test_a_copy_and_a_renamed_sheet_are_theirs(book):
    def change(opened):
        copy = opened.copy_worksheet(opened["对账部门"])
        copy.title = "对账部门 (2)"
        name = openpyxl.workbook.defined_name.DefinedName(MARK, attr_text='"对账部门"', hidden=True)
        copy.defined_names[MARK] = name
        opened["对账第4周"].title = "我留着的第4周"

    edited(book, change)
    set_scheme(book, "S05", "zh")
    run_book(book, backup=False)

    assert {"对账部门 (2)", "我留着的第4周"} < set(tabs(book))
    assert "对账第3周" not in tabs(book)


def test_a_sheet_of_hr_with_our_name_is_a_problem(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    edited(path, lambda opened: opened.create_sheet("对账月"))
    before = path.read_bytes()

    assert any("对账月" in text and "改个名称" in text for text in problems(path))
    assert path.read_bytes() == before


def test_a_check_tells_it_before_the_run(tmp_path):
    path = sample_book(tmp_path / "十月.xlsx")
    edited(path, lambda opened: opened.create_sheet("对账月"))
    outcome = check_book(path)
    dry_run(outcome)
    assert any("对账月" in problem.what for problem in outcome.problems)


def locked(path):
    lock = b'<workbookProtection lockStructure="1"/><bookViews>'
    return rewritten(path, {"xl/workbook.xml": lambda xml: xml.replace(b"<bookViews>", lock)})


def test_a_locked_structure_is_a_problem_only_where_sheets_come_or_go(book):
    run_book(locked(book), backup=False)
    assert ours(book) == S01
    set_scheme(book, "S05", "zh")
    assert any("结构受保护" in text for text in problems(book))


def test_a_formula_on_a_sheet_that_goes_is_a_problem(book):
    def change(opened):
        opened.create_sheet("汇总")["A1"] = "='对账第2周'!M6"

    edited(book, change)
    run_book(book, backup=False)
    set_scheme(book, "S05", "zh")
    assert any("汇总" in text and "对账第2周" in text for text in problems(book))


def test_a_formula_on_another_books_sheet_of_that_name_is_no_problem(book):
    edited(book, lambda opened: opened.create_sheet("汇总"))
    part = part_of(book, "汇总")
    linked = b"<sheetData><row r='1'><c r='A1'><f>[1]%b!M6</f><v>1</v></c></row></sheetData>"
    old = re.compile(rb"<sheetData\s*/>|<sheetData></sheetData>")
    new = linked % "对账第2周".encode()
    rewritten(book, {part: lambda content: old.sub(new, content)})
    run_book(book, backup=False)
    set_scheme(book, "S05", "zh")

    run_book(book, backup=False)

    assert ours(book) == S05
    with zipfile.ZipFile(book) as archive:
        assert new in archive.read(part)


def test_a_name_on_a_sheet_that_goes_is_a_problem(book):
    def change(opened):
        name = openpyxl.workbook.defined_name.DefinedName("周二", attr_text="'对账第2周'!$M$6")
        opened.defined_names["周二"] = name

    edited(book, change)
    set_scheme(book, "S05", "zh")
    assert any("名称管理器" in text for text in problems(book))


def test_sheets_come_into_a_book_that_states_the_prefix_on_every_sheet(tmp_path, parts):
    """As openpyxl writes it where lxml is installed."""
    path = sample_book(tmp_path / "十月.xlsx")
    space = b' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

    def local(xml):
        assert xml.count(space) == 1
        return xml.replace(space, b"").replace(b"<sheet ", b"<sheet" + space + b" ")

    rewritten(path, {"xl/workbook.xml": local})

    run_book(path, backup=False)

    root = ET.fromstring(parts(path)["xl/workbook.xml"])
    assert len(root.find("{*}sheets")) == len(tabs(path))
    assert ours(path) == S01


@pytest.mark.parametrize(
    ("part", "known", "unknown"),
    [
        ("xl/styles.xml", b"fonts", b"fontz"),
        ("xl/workbook.xml", b"<sheets>", b"<sheets><!-- -->"),
        ("[Content_Types].xml", b"</Types>", b"</Types >"),
    ],
)
def test_a_book_of_an_unknown_form_is_a_problem(tmp_path, part, known, unknown):
    path = sample_book(tmp_path / "十月.xlsx")
    rewritten(path, {part: lambda xml: xml.replace(known, unknown)})
    assert any("无法识别" in text for text in problems(path))


def test_the_list_of_formula_cells_goes(book, parts):
    """Excel repairs a book whose calculation chain names cells without a formula."""
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    rewritten(book, {
        "xl/_rels/workbook.xml.rels": lambda xml: xml.replace(
            b"</Relationships>",
            b'<Relationship Id="rIdC" Type="' + kind + b'" Target="calcChain.xml"/></Relationships>'
        ),
        "[Content_Types].xml": lambda xml: xml.replace(
            b"</Types>", b'<Override PartName="/xl/calcChain.xml" ContentType="x/y"/></Types>'
        ),
    })  # fmt: skip
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr("xl/calcChain.xml", "<calcChain/>")
    set_scheme(book, "S05", "zh")
    run_book(book, backup=False)

    after = parts(book)
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after["[Content_Types].xml"] + after["xl/_rels/workbook.xml.rels"]
    assert ours(book) == S05


def test_excel_numbers_its_parts_anew_and_ours_are_still_known(book):
    edited(book, lambda opened: None)  # saved by another program: other parts, other order
    run_book(book, backup=False)
    assert ours(book) == S01


# --- harmless ----------------------------------------------------------------------------------


def test_names_that_look_like_formulas_stay_text(tmp_path):
    case = month("S05", 3, people=8)
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "100%", "<b>&", "\N{PILCROW SIGN}"]
    for row, name in zip(case["roster"], names, strict=False):
        row["name"] = name
    results = evaluated(case)
    path = new_book(tmp_path / "书.xlsx", "zh", {"period": "2026-10", "scheme": "S05"})
    patch_book(path, path, [], sheets=Reconciliation([("对账", results)], "zh").sheets)

    sheet = openpyxl.load_workbook(path)["对账月"]
    cells = [sheet.cell(6 + n, 2) for n in range(len(names))]
    assert [cell.data_type for cell in cells] == ["s"] * len(names)
    assert [cell.value for cell in cells] == names


# --- several runs in one book ------------------------------------------------------------------


def test_each_scheme_has_its_own_group_of_sheets(tmp_path):
    runs = [
        ("S01对账", evaluated(month("S01", 3, people=6))),
        ("S05对账", evaluated(month("S05", 3, people=6))),
    ]
    path = new_book(tmp_path / "书.xlsx", "zh", {"period": "2026-10", "scheme": "S05"})
    made = Reconciliation(runs, "zh")
    patch_book(path, path, [], sheets=made.sheets)

    names = tabs(path)
    assert names[names.index("看板数据") + 1 : names.index("日程")] == [
        *(name.replace("对账", "S01对账") for name in S01),
        *(name.replace("对账", "S05对账") for name in S05),
    ]
    assert made.light.value == "一致"
    assert made.light.formula == (
        "IF(AND('S01对账'!$B$4=\"一致\",'S05对账'!$B$4=\"一致\"),\"一致\",\"不一致，见对账表\")"
    )


def test_one_wrong_run_puts_the_light_out():
    right, wrong = evaluated(month("S01", 3, people=6)), evaluated(month("S05", 3, people=6))
    row = int(np.flatnonzero(~np.isnan(wrong.items["绩效奖金"]))[0])
    wrong.items["绩效奖金"][row] += 0.01
    assert Reconciliation([("a", right), ("b", wrong)], "zh").light.value == "不一致，见对账表"
    assert Reconciliation([("b", wrong)], "zh").light.value == "有 4 格不一致"


def test_what_is_not_calculated_here_is_said(monkeypatch):
    monkeypatch.delitem(calculation._FUNCTIONS, "SUMPRODUCT")
    results = evaluated(month("S01", 3, people=6))
    assert Reconciliation([("对账", results)], "zh").light.value == "待重算"


# --- more people than fit ----------------------------------------------------------------------


def big(monkeypatch, most, size):
    for module in (reconciliation_front, reconciliation_groups, sampling):
        monkeypatch.setattr(module, "MOST_PEOPLE", most)
    monkeypatch.setattr(sampling.sample, "__defaults__", (size,))


def separate(people=40, departments=4):
    """A month whose departments share no shop."""
    case = month("S01", 5, people=people, departments=departments, shops=departments)
    for row in case["roster"]:
        row["shop"] = f"{row['department'][2]}店"
    return case


def test_of_too_many_people_whole_groups_are_calculated(monkeypatch, tmp_path):
    big(monkeypatch, 30, 25)
    results = evaluated(separate())
    made = Reconciliation([("对账", results)], "zh")
    path = new_book(tmp_path / "书.xlsx", "zh", {"period": "2026-10", "scheme": "S01"})
    patch_book(path, path, [], sheets=made.sheets)

    assert made.light.value == "一致"
    sheet = openpyxl.load_workbook(path)["对账月"]
    ids = [sheet.cell(r, 1).value for r in range(6, sheet.max_row + 1)]
    departments = dict(zip(results.people.ids, results.people.roster["department"], strict=True))
    whole = {departments[i] for i in ids}
    assert ids == [i for i in results.people.ids if departments[i] in whole]
    assert 10 <= len(ids) <= 25
    note = openpyxl.load_workbook(path)["对账"]["C4"].value
    assert f"取 {len(ids)} 人" in note


def test_the_sample_is_judged_to_the_cent(monkeypatch):
    big(monkeypatch, 30, 25)
    results = evaluated(separate())
    alone = sample(results, 25)
    chosen = np.isin(results.people.ids, alone.people.ids)
    for name in ("绩效奖金", "行为奖金", "销售提成"):
        np.testing.assert_array_equal(results.items[name][chosen], alone.items[name])
    # A figure that everybody's run has otherwise than the group alone is never shown as agreed.
    row = int(np.flatnonzero(chosen & ~np.isnan(results.items["绩效奖金"]))[0])
    results.items["绩效奖金"][row] += 0.01
    assert sample(results, 25) is None


def test_without_a_group_that_stands_alone_only_totals_are_compared(monkeypatch, tmp_path):
    big(monkeypatch, 30, 5)
    path = sample_book(tmp_path / "书.xlsx")
    big(monkeypatch, 3, 2)
    outcome = run_book(path, backup=False)

    assert ours(path) == ["对账"]
    assert "只核对合计" in shown(path, "对账", "C4")
    assert shown(path, "对账", "A12") == "应发合计"
    assert shown(path, "对账", "B12") == shown(path, "对账", "C12") == 45457.80
    assert shown(path, "对账", "B4") == "一致"
    assert outcome.light == "green"
