"""The committed template: what the declarations say is there, looks and rules included."""

import json
import re
import shutil
import tomllib
import zipfile
from importlib import resources

import openpyxl
import pytest
from openpyxl.utils import get_column_letter, range_boundaries

from xl_kpi.checks import clean_table
from xl_kpi.excel import layout
from xl_kpi.excel.layout import template_file
from xl_kpi.excel.patch import TableUpdate, patch_book
from xl_kpi.excel.reader import read_book
from xl_kpi.excel.template import build_template
from xl_kpi.scheme_rows import cycle_rows, preset_counts, preset_ids, preset_metrics, preset_rows
from xl_kpi.scheme_tables import HEAD_SETTINGS, METRICS, SCHEME_TABLES
from xl_kpi.tables import CALENDAR, COUNTS, CYCLE_SHEETS, INPUTS, MEASURES, ROSTER, SMART
from xl_kpi.tables import RATERS as RATERS_TABLE

LANGS = ("zh", "en")
SCHEMES = ("S01", "S05")
SHEETS = {
    "zh": [
        "首页", "员工", "账号", "口径", "会话", "订单", "指标数据", "评分", "行为", "目标", "部门数据", "店铺数据",
        "校准", "申诉", "退款", "补扣", "月结", "历史", "月结存档", "基准", "平台数据", "导入记录", "导入差异", "指标库",
        "S01 部门奖金池", "S05 目标达成 KPI", "看板", "个人结果", "部门合计", "部门结果", "周积分",
        "往月差额", "追溯",
        "检查", "看板数据", "对账", "日程", "指标审查", "评分人", "改进措施",
    ],
    "en": [
        "Home", "Staff", "Accounts", "Definition", "Sessions", "Orders", "Counts", "Ratings", "Events", "Targets", "Departments",
        "Shops", "Calibrations", "Appeals", "Refunds", "Adjustments", "Closings", "History", "Archive",
        "Benchmarks", "Platform",
        "Imports", "Differences", "Metrics", "S01", "S05",
        "Dashboard", "People", "Department totals", "Department results", "Weeks", "True-ups", "Trace", "Checks", "Dashboard data", "Reconciliation", "Calendar",
        "SMART check", "Raters", "Measures",
    ],
}  # fmt: skip
INPUT_SHEETS, SCHEME_SHEETS, RESULT_SHEETS = slice(1, 24), slice(24, 26), slice(27, 34)
SCHEMES_AND_BOARD = slice(24, 27)


@pytest.fixture(scope="module", params=LANGS)
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def book(lang):
    return openpyxl.load_workbook(template_file(lang))


@pytest.fixture(scope="module")
def zh_book():
    return openpyxl.load_workbook(template_file("zh"))


def sheets(book, lang, part):
    return [book[name] for name in SHEETS[lang][part]]


def place(book, name):
    """A table's sheet and bounds: left, top, right, bottom."""
    sheet = next(sheet for sheet in book if name in sheet.tables)
    return sheet, range_boundaries(sheet.tables[name].ref)


def headers(book, name):
    sheet, (left, top, right, _) = place(book, name)
    return [sheet.cell(top, column).value for column in range(left, right + 1)]


def first_cell(book, name, label):
    """The first body cell under a header."""
    sheet, (left, top, _, _) = place(book, name)
    return sheet.cell(top + 1, left + headers(book, name).index(label))


def rules_on(cell):
    return [v for v in cell.parent.data_validations.dataValidation if cell.coordinate in v.sqref]


def declared():
    """Every input and scheme table with its Excel name."""
    inputs = (preset_counts() if table is COUNTS else table for table in INPUTS)
    yield from ((table.excel_name, table) for table in (*inputs, METRICS, *CYCLE_SHEETS))
    for scheme in SCHEMES:
        yield from ((f"{scheme}_{table.key}", table) for table in SCHEME_TABLES)


# --- what is there -----------------------------------------------------------------------------


def test_the_template_has_the_schemes_that_the_tests_know():
    assert layout.TEMPLATE_SCHEMES == SCHEMES
    assert set(SCHEMES) <= set(preset_ids())


def test_sheets_stand_in_the_order_of_the_work(book, lang):
    assert book.sheetnames == SHEETS[lang]


def test_every_declared_column_has_its_header(book, lang):
    for name, table in declared():
        labels = [column.zh if lang == "zh" else column.en for column in table.columns]
        assert sorted(headers(book, name)) == sorted(labels), name
        sheet, _ = place(book, name)
        assert [c.name for c in sheet.tables[name].tableColumns] == headers(book, name)


OWN_COUNTS = {
    "zh": ["咨询件数", "售后件数", "投诉件数", "实用工时"],
    "en": ["Inquiries handled", "After-sales cases handled", "Complaints settled", "Hours taken"],
}


def hidden(sheet, column):
    """Whether a column is hidden; neighbours that look alike share one entry."""
    entries = sheet.column_dimensions.values()
    return any(entry.hidden for entry in entries if entry.min <= column <= entry.max)


def test_counts_of_the_metric_library_stand_last_and_are_hidden_until_needed(book, lang, tmp_path):
    assert headers(book, "kpi_counts")[-4:] == OWN_COUNTS[lang]
    sheet, (_, top, right, _) = place(book, "kpi_counts")
    heading = sheet.cell(top - 1, right - 3).value
    assert heading == ("自设计数" if lang == "zh" else "Own counts")
    assert all(hidden(sheet, column) for column in range(right - 3, right + 1))

    path = tmp_path / "rowan.xlsx"
    build_template(path, lang, ("S90",))
    sheet, (_, _, right, _) = place(openpyxl.load_workbook(path), "kpi_counts")
    assert not any(hidden(sheet, column) for column in range(right - 3, right + 1))
    assert hidden(sheet, right - 4)


# --- the assessment cycle (S13) ----------------------------------------------------------------

STAGES = {
    "zh": ["计划", "指标", "评分人", "考核", "反馈", "应用"],
    "en": ["Plan", "Indicators", "Raters", "Assess", "Feedback", "Use"],
}
RATERS = {
    "zh": ["直接上级", "同级同事", "直接下属", "被考评者本人", "服务对象", "外聘专家或顾问"],
    "en": ["superior", "peers", "direct reports", "self", "those served", "outside experts"],
}  # fmt: skip
DAYS = {
    "zh": ["次月初", "每月 21 日", "每月 24 日前", "每月 25 日前", "每月 26 日", "通报后 7 天内", "出结果后 7 天内", "出结果后"],
    "en": ["start of next month", "21st of each month", "by the 24th of each month",
           "by the 25th of each month", "26th of each month", "within 7 days of the notice",
           "within 7 days of the results", "after the results"],
}  # fmt: skip
HALF_YEARLY = {"zh": {"每季", "每半年"}, "en": {"each quarter", "each half-year"}}
CHINESE = re.compile("[\u3400-\u9fff]")


def cycle_table(lang, table):
    return [*rows_on_sheet(lang, table.excel_name, table)]


def test_the_calendar_goes_through_every_stage_and_names_its_clauses(lang):
    rows = cycle_table(lang, CALENDAR)
    assert list(dict.fromkeys(row["stage"] for row in rows)) == STAGES[lang]
    assert all(row["clause"][:3] in {"001", "002", "003", "004"} for row in rows)
    assert {row["state"] for row in rows} == {"open"}
    assert all(row["step"] and row["cycle"] and row["day"] and row["who"] for row in rows)


def test_the_calendar_has_the_dates_of_the_documents(lang):
    found = {(row["clause"], row["day"]) for row in cycle_table(lang, CALENDAR)}
    hotel = "003§❷五(三)4"
    clauses = ["001§四、五(一)", hotel, hotel, hotel, hotel, "004§六2", "002§三(三)、001§五(三)", "002§五(一)"]
    assert set(zip(clauses, DAYS[lang], strict=True)) <= found
    cycles = {row["cycle"] for row in cycle_table(lang, CALENDAR) if "002§五(三)" in row["clause"]}
    assert HALF_YEARLY[lang] <= cycles


def test_the_smart_check_judges_metrics_of_the_library(lang):
    rows = cycle_table(lang, SMART)
    text = resources.files("xl_kpi.presets").joinpath("metrics.toml").read_text("utf-8")
    library = {m["metric"] for m in tomllib.loads(text)["metrics"]}
    assert {row["indicator"] for row in rows} <= library
    judged = {row["indicator"]: row for row in rows}
    assert (judged["回复率"]["specific"], judged["积极主动"]["measurable"]) == (1, 0)
    assert all("agreed" not in row for row in rows)  # that is between the firm and its people


def test_there_are_six_kinds_of_rater_with_weights(lang):
    rows = cycle_table(lang, RATERS_TABLE)
    assert [row["rater_group"] for row in rows] == RATERS[lang]
    assert round(sum(row["weight"] for row in rows), 9) == 1
    assert all(row["weight"] > 0 and row["rates"] and "004" in row["note"] for row in rows)


def test_there_is_a_measure_for_every_indicator_that_can_be_missed(lang):
    rows = cycle_table(lang, MEASURES)
    metrics, scored = {row.get("metric") for row in preset_metrics()}, set()
    for scheme in preset_ids():
        scored |= {row.get("metric") for row in preset_rows(scheme)["indicators"]}
    assert {row["indicator"] for row in rows} <= metrics
    rewards = {"表扬", "点名好评", "流程优化", "积极主动", "参与其他工作", "工龄", "晚班", "特殊贡献"}
    assert scored - {row["indicator"] for row in rows} == rewards
    of_001 = {row["indicator"]: row["clause"] for row in rows if row.get("clause")}
    assert of_001["订单处理及时率"] == "001§七.3"
    assert of_001["转化率"] == "001§七.4"


def test_texts_of_the_cycle_fit_their_cells(book):
    """A text is no longer than its column, or its cell wraps."""
    for table in CYCLE_SHEETS:
        sheet, (left, top, right, bottom) = place(book, table.excel_name)
        for column in range(left, right + 1):
            width = sheet.column_dimensions[get_column_letter(column)].width
            for row in range(top + 1, bottom + 1):
                cell = sheet.cell(row, column)
                if isinstance(cell.value, str) and not cell.alignment.wrap_text:
                    wide = sum(2 if ord(c) > 0x2E7F else 1 for c in cell.value)
                    assert wide <= width, (table.key, cell.coordinate, cell.value)


def test_a_fresh_english_book_speaks_english(tmp_path):
    """Chinese are: names and formulas of schemes and metrics, and the paragraphs of documents."""
    path = tmp_path / "fresh.xlsx"
    build_template(path, "en", ("S01", "S06"))
    book = openpyxl.load_workbook(path)
    policy = {"S01", "S06", "Metrics"}
    names = {row.get("metric") for row in preset_metrics()}
    names |= {row.get("item") for row in preset_rows("S01")["pay_items"]}
    names |= {row.get("block") for row in preset_rows("S01")["indicators"]}
    found = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book
        if sheet.title not in policy
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and CHINESE.search(cell.value)
        and cell.value not in names and not re.match(r"00[1-4]§", cell.value)
    ]  # fmt: skip
    assert not found


def test_every_text_of_the_cycle_has_its_own_english():
    text = resources.files("xl_kpi.presets").joinpath("cycle.toml").read_text("utf-8")
    english = tomllib.loads(text)["english"]
    assert len(set(english.values())) == len(english)
    for table in CYCLE_SHEETS:
        for row in cycle_rows(table.key, "en"):
            own = {k: v for k, v in row.values.items() if k not in ("indicator", "clause")}
            assert not any(CHINESE.search(str(value)) for value in own.values()), row


def test_texts_of_the_cycle_name_sheets_by_their_tabs():
    tabs = set(SHEETS["en"])
    named = set()
    for table in CYCLE_SHEETS:
        for row in cycle_rows(table.key, "en"):
            named |= set(re.findall("sheet “(.+?)”", str(row.values)))
    assert named == {"SMART check", "Raters", "Calibrations"}
    assert named <= tabs


def test_result_tables_have_the_columns_of_a_run(zh_book):
    people = headers(zh_book, "kpi_result_people")
    assert people[:7] == ["工号", "姓名", "追溯", "部门", "店铺", "岗位", "身份"]
    assert people[-4:] == ["应发合计", "优势", "待改进", "后续安排"]
    for name in ("kpi_result_people", "kpi_result_weeks"):
        columns = layout.result_columns(name, "zh")
        assert headers(zh_book, name) == [column.label for column in columns]
    assert headers(zh_book, "kpi_result_departments")[:4] == ["部门/店铺", "项目", "数值", "单位"]
    assert headers(zh_book, "kpi_trace")[:6] == ["工号", "姓名", "项目", "数值", "单位", "说明"]
    assert headers(zh_book, "kpi_checks") == ["级别", "位置", "问题", "怎么改"]


def test_headings_over_the_groups_of_results(zh_book):
    sheet = zh_book["个人结果"]
    found = {cell.column: cell.value for cell in sheet[4] if cell.value}
    header = [cell.value for cell in sheet[5]]
    first = {"人员": "工号", "数据": "接待人数", "指标": "询单人数比", "得分": "询单人数比得分",
             "计算步骤（不另发）": "任务内提成", "薪资": "绩效奖金", "后续": "优势"}  # fmt: skip
    assert found == {header.index(label) + 1: group for group, label in first.items()}


def test_home_has_settings_and_status(zh_book):
    sheet, (left, top, _, bottom) = place(zh_book, "kpi_settings")
    assert sheet.title == "首页"
    assert headers(zh_book, "kpi_settings") == ["项目", "内容", "说明"]
    rows = [[sheet.cell(r, c).value for c in (left, left + 1)] for r in range(top + 1, bottom + 1)]
    assert rows == [["期间", None], ["方案", "S01"], ["数据截至", None], ["数据起始", None]]
    _, (left, top, _, bottom) = place(zh_book, "kpi_status")
    keys = [sheet.cell(row, left).value for row in range(top + 1, bottom + 1)]
    assert keys == ["状态", "期间", "方案", "人数", "考核人数", "应发合计", "往月差额", "错误", "提醒", "对账", "上次操作"]


def test_home_links_to_every_sheet(book, lang):
    home = book[SHEETS[lang][0]]
    links = {cell.value: cell.hyperlink.location for row in home for cell in row if cell.hyperlink}
    assert links == {
        name: f"'{name}'!A1" for name in SHEETS[lang][1:] if name not in ("月结存档", "Archive")
    }


def test_there_are_no_data_and_no_formulas(book, lang):
    for name, table in declared():
        if table.key in {one.key for one in INPUTS}:
            sheet, (left, top, right, bottom) = place(book, name)
            assert bottom == top + 1
            assert not any(sheet.cell(bottom, c).value for c in range(left, right + 1)), name
    with zipfile.ZipFile(template_file(lang)) as package:
        parts = [n for n in package.namelist() if n.startswith("xl/worksheets/sheet")]
        assert len(parts) == len(SHEETS[lang])
        for part in parts:
            content = package.read(part)
            assert b"<f>" not in content
            assert b"<mergeCell" not in content


# --- the schemes -------------------------------------------------------------------------------


def preset(scheme):
    return tomllib.loads(resources.files("xl_kpi.presets").joinpath(f"{scheme}.toml").read_text())


def rows_on_sheet(lang, name, table):
    problems = []
    frame = clean_table(read_book(template_file(lang)).tables[name], table, problems)
    assert problems == []
    return [
        {k: v for k, v in record.items() if v is not None and v == v}
        for record in frame.to_dict("records")
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_scheme_on_the_sheet_is_the_preset(lang, scheme):
    expected = preset(scheme)
    for table in SCHEME_TABLES[1:]:
        rows = rows_on_sheet(lang, f"{scheme}_{table.key}", table)
        assert rows == expected.get(table.key, []), table.key


@pytest.mark.parametrize("scheme", SCHEMES)
def test_head_on_the_sheet_is_the_preset(lang, scheme):
    rows = rows_on_sheet(lang, f"{scheme}_head", SCHEME_TABLES[0])
    labels = {names[lang == "en"]: key for key, names in HEAD_SETTINGS.items()}
    found = {labels[row["key"]]: row["value"] for row in rows if "value" in row}
    if lang == "en":  # the two drop-downs
        words = {"blocks": "四段", "sum": "求和", "weighted": "加权"}
        found = {key: words.get(value, value) for key, value in found.items()}
    assert found == preset(scheme)["head"]
    assert set(labels) == {row["key"] for row in rows}


def test_metric_library_on_the_sheet_is_the_preset(lang):
    text = resources.files("xl_kpi.presets").joinpath("metrics.toml").read_text()
    assert rows_on_sheet(lang, "kpi_metrics", METRICS) == tomllib.loads(text)["metrics"]


def test_scheme_tables_leave_room_for_more_rows(book):
    for scheme in SCHEMES:
        for key in ("indicators", "curves", "pay_items", "consequences", "grades"):
            _, (_, top, _, bottom) = place(book, f"{scheme}_{key}")
            assert bottom - top == len(preset(scheme).get(key, [])) + 3


def test_formulas_are_kept_as_text(zh_book):
    formula = first_cell(zh_book, "S01_pay_items", "公式")
    assert (formula.value, formula.data_type, formula.number_format) == ("=任务完成率", "s", "@")
    places = {
        "S01_indicators": ("目标", "加分线", "扣分线", "条件", "平台红线", "名次分"),
        "S01_consequences": ("条件",),
        "kpi_metrics": ("公式",),
        "S01_head": ("内容",),
    }
    for name, labels in places.items():
        for label in labels:
            assert first_cell(zh_book, name, label).number_format == "@", label


# --- drop-downs --------------------------------------------------------------------------------


def test_each_drop_down_lists_exactly_the_choices(book, lang):
    count = 0
    for name, table in declared():
        for column in table.columns:
            labels = [choice[lang == "en"] for choice in column.choices.values()]
            if column.kind == "flag":
                labels = ["是", "否"] if lang == "zh" else ["yes", "no"]
            if not labels:
                continue
            (rule,) = rules_on(first_cell(book, name, column.zh if lang == "zh" else column.en))
            assert rule.type == "list"
            assert rule.formula1 == '"' + ",".join(labels) + '"'
            assert rule.errorStyle in (None, "stop")
            count += 1
    # roster, counts, sessions, orders, metrics, calendar, SMART check; indicators, curves, grades, pay
    # items, consequences of each scheme
    assert count == 1 + 1 + 2 + 1 + 4 + 1 + 6 + len(SCHEMES) * (9 + 1 + 1 + 5 + 1)


def test_a_choice_spelt_out(zh_book):
    (rule,) = rules_on(first_cell(zh_book, "kpi_roster", "身份"))
    assert rule.formula1 == '"正式,试用,顶岗"'
    (rule,) = rules_on(first_cell(zh_book, "S01_curves", "边界"))
    assert rule.formula1 == '"[),[],(],()"'


def test_names_come_from_the_tables_that_declare_them(book, lang):
    staff_id, metric, curve = ("工号", "指标", "曲线") if lang == "zh" else (
        "Staff ID", "Metric", "Curve")  # fmt: skip
    names = {name: entry.attr_text for name, entry in book.defined_names.items()}
    assert names["kpi_staff_ids"] == f"kpi_roster[{staff_id}]"
    assert names["kpi_metric_names"] == f"kpi_metrics[{metric}]"
    for scheme in SCHEMES:
        assert names[f"{scheme}_curve_names"] == f"{scheme}_curves[{curve}]"
        (rule,) = rules_on(first_cell(book, f"{scheme}_indicators", metric))
        assert rule.formula1 == "kpi_metric_names"
        (rule,) = rules_on(first_cell(book, f"{scheme}_indicators", curve))
        assert rule.formula1 == f"{scheme}_curve_names"
    for table in INPUTS:
        if table is not ROSTER and any(c.key == "person_id" for c in table.columns):
            (rule,) = rules_on(first_cell(book, table.excel_name, staff_id))
            assert (rule.formula1, rule.errorStyle) == ("kpi_staff_ids", "warning")
    assert all(rule.type is None for rule in rules_on(first_cell(book, "kpi_roster", staff_id)))


def test_suggestions_are_those_of_the_presets(zh_book):
    presets = resources.files("xl_kpi.presets")
    metrics, rows = (
        tomllib.loads(presets.joinpath(name).read_text("utf-8"))
        for name in ("metrics.toml", "S01.toml")
    )
    sources = {m["metric"]: m.get("source") for m in metrics["metrics"]}
    wanted = {
        ("kpi_events", "事项"): [
            i["metric"] for i in rows["indicators"] if sources.get(i["metric"]) == "event"
        ],
        ("kpi_ratings", "评分项"): ["内部协作", "跨部门协作"],
        ("kpi_ratings", "评分人类别"): ["同事", "上级", "其他部门"],
    }
    for (name, label), entries in wanted.items():
        (rule,) = rules_on(first_cell(zh_book, name, label))
        assert rule.formula1 == '"' + ",".join(entries) + '"'
        assert rule.errorStyle == "information"


def test_scheme_is_chosen_on_the_home_sheet(book):
    sheet, (left, top, _, _) = place(book, "kpi_settings")
    (rule,) = rules_on(sheet.cell(top + 2, left + 1))
    assert rule.formula1 == '"S01,S05,S01、S05"'


def test_rules_reach_far_below_the_first_row(book, lang):
    for table in INPUTS:
        sheet, (_, top, _, _) = place(book, table.excel_name)
        covered = [r for v in sheet.data_validations.dataValidation for r in v.sqref.ranges]
        assert covered
        assert {(r.min_row, r.max_row) for r in covered} == {(top + 1, 5000)}, table.key


def test_notes_are_shown_when_a_cell_is_selected(zh_book):
    noted = 0
    for name, table in declared():
        for column in table.columns:
            shown = [rule.prompt for rule in rules_on(first_cell(zh_book, name, column.zh))]
            assert [text for text in shown if text] == ([column.note] if column.note else [])
            noted += bool(column.note)
    assert noted >= 15


def test_numbers_below_the_least_allowed_are_refused(zh_book):
    for name, table in declared():
        for column in table.columns:
            if column.kind == "number":
                (rule,) = rules_on(first_cell(zh_book, name, column.zh))
                assert rule.type == "decimal"
                if column.minimum is not None:
                    assert rule.operator == "greaterThanOrEqual"
                    assert float(rule.formula1) == column.minimum


# --- looks -------------------------------------------------------------------------------------


def test_number_formats_follow_the_unit(zh_book):
    formats = {
        ("kpi_roster", "工号"): "@",
        ("kpi_roster", "入职日期"): "yyyy-mm-dd",
        ("kpi_roster", "月基本工资"): "#,##0.00",
        ("kpi_counts", "接待人数"): "#,##0",
        ("kpi_counts", "总响应秒数"): "#,##0.0",
        ("kpi_targets", "期间"): "@",
        ("kpi_ratings", "分数"): "0.0#",
        ("S05_indicators", "权重"): "0.0%",
        ("S01_curves", "值"): "General",
        ("S01_curves", "生效日期"): "yyyy-mm-dd",
        ("kpi_result_people", "付款金额"): "#,##0.00",
        ("kpi_result_people", "转化率"): "0.00%",
        ("kpi_result_people", "总分"): "0.0#",
        ("kpi_result_people", "接待人数"): "#,##0",
    }
    for (name, label), number_format in formats.items():
        assert first_cell(zh_book, name, label).number_format == number_format, (name, label)


def test_cells_follow_named_styles(book, lang):
    for name, _ in declared():
        sheet, (left, top, right, bottom) = place(book, name)
        for row in (top + 1, bottom):
            assert {sheet.cell(row, c).style for c in range(left, right + 1)} == {"KPI 输入"}
    for name in ("kpi_result_people", "kpi_result_weeks"):
        for column in layout.result_columns(name, lang):
            cells = [first_cell(book, name, column.label)]
            expected = {column.style} if column.width < 24 else {"KPI 长文本"}
            assert {cell.style for cell in cells} == expected


def test_a_run_finds_the_named_styles(tmp_path):
    """Other columns than the template's take their look from the style's name."""
    styles = {
        "KPI 文本": "General", "KPI 整数": "#,##0", "KPI 金额": "#,##0.00", "KPI 比率": "0.00%",
        "KPI 分数": "0.0#", "KPI 数值": "#,##0.00##", "KPI 日期": "yyyy-mm-dd",
        "KPI 长文本": "General", "KPI 输入": "@",
    }  # fmt: skip
    path = tmp_path / "book.xlsx"
    shutil.copyfile(template_file("zh"), path)
    labels = [f"列{number}" for number in range(len(styles))]
    update = TableUpdate("kpi_result_people", [[1] * len(styles)] * 2, labels, list(styles))
    patch_book(path, path, [update], backup=False)
    patched = openpyxl.load_workbook(path)["个人结果"]
    for row in (6, 7):
        assert [cell.style for cell in patched[row][: len(styles)]] == list(styles)
        formats = [cell.number_format for cell in patched[row][: len(styles)]]
        assert formats == list(styles.values())


def test_texts_in_wide_columns_go_on_in_the_next_line(zh_book):
    for name, label in (
        ("S01_indicators", "条款说明"), ("S01_pay_items", "公式"), ("S01_pay_items", "条款说明"),
        ("S05_consequences", "条款说明"), ("kpi_trace", "说明"), ("kpi_checks", "怎么改"),
    ):  # fmt: skip
        cell = first_cell(zh_book, name, label)
        assert cell.alignment.wrap_text, (name, label)
        assert cell.parent.column_dimensions[cell.column_letter].width > 24


def test_headers_are_wrapped_and_bold(book):
    for sheet in book:
        for table in sheet.tables.values():
            left, top, right, _ = range_boundaries(table.ref)
            for column in range(left, right + 1):
                cell = sheet.cell(top, column)
                assert cell.alignment.wrap_text
                assert cell.font.bold


def test_protection(book, lang):
    for sheet in sheets(book, lang, INPUT_SHEETS) + sheets(book, lang, SCHEME_SHEETS):
        written = {"kpi_closings", "kpi_archive"} & set(sheet.tables)  # by a closing only
        assert sheet.protection.sheet == bool(written)
    for sheet in sheets(book, lang, RESULT_SHEETS):
        guard = sheet.protection
        assert guard.sheet
        assert guard.password is None
        # An attribute that is true forbids.
        assert not any((guard.sort, guard.autoFilter, guard.formatColumns))
        assert not any((guard.selectLockedCells, guard.selectUnlockedCells))
        assert all((guard.formatCells, guard.insertRows, guard.deleteRows))
        (table,) = sheet.tables.values()
        left, _, right, bottom = range_boundaries(table.ref)
        assert all(sheet.cell(bottom, c).protection.locked for c in range(left, right + 1))


def test_home_can_only_be_changed_where_something_is_to_be_filled_in(book):
    sheet, (left, top, _, bottom) = place(book, "kpi_settings")
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    open_cells = {c.coordinate for row in sheet for c in row if not c.protection.locked}
    letter = get_column_letter(left + 1)
    wanted = {f"{letter}{row}" for row in range(top + 1, bottom + 1)}
    assert wanted <= open_cells
    assert len(open_cells - wanted) == 1  # the sample of the colour


def test_header_and_names_stay_in_view(book, lang):
    panes = {name: sheet.freeze_panes for name, sheet in zip(SHEETS[lang], book, strict=True)}
    inputs = ["C6"] * 11 + ["D6", "D6", "C6", "C6", "B6", "D6", "C6", "B6", "C6", "C6", "C6", "C6"]
    inputs[1:5] = ["B6"] * 4  # accounts, definition, sessions, orders
    results, cycle = ["A3", "D6", "B6", "C6", "D6", "D6", "D6", "B6", "A6", "A6"], ["C6", "B6", "B6", "B6"]
    expected = [None, *inputs, "B3", "B3", *results, *cycle]
    assert list(panes.values()) == expected


def test_print_set_up(book, lang):
    for number, sheet in enumerate(book):
        assert sheet.page_setup.orientation == ("landscape" if number else "portrait")
        assert int(sheet.page_setup.paperSize) == 9
        is_board = sheet.title in ("看板", "Dashboard")  # its charts have the width of a page
        assert sheet.page_setup.scale == 66 if is_board else sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "&P" in sheet.oddFooter.right.text
        if number:
            last = 2 if sheet in sheets(book, lang, SCHEMES_AND_BOARD) else 5
            assert sheet.print_title_rows == ("$44:$44" if is_board else f"$1:${last}")
        if number and sheet.tables and not is_board:
            # No page is much wider than can be read on A4.
            _, _, right, _ = range_boundaries(next(iter(sheet.tables.values())).ref)
            hidden = {c for d in sheet.column_dimensions.values() if d.hidden
                      for c in range(d.min, d.max + 1)}  # fmt: skip
            widths = [
                sheet.column_dimensions[get_column_letter(c)].width
                for c in range(1, right + 1) if c not in hidden
            ]  # fmt: skip
            assert sum(widths) / (sheet.page_setup.fitToWidth or 1) < 230


def test_light_and_levels_are_coloured(zh_book):
    def colours(sheet, area):
        return {
            rule.text: rule.dxf.fill.bgColor.rgb
            for found in sheet.conditional_formatting
            if str(found.sqref) == area
            for rule in found.rules
            if rule.type == "beginsWith"
        }

    _, (left, top, _, _) = place(zh_book, "kpi_status")
    light = colours(zh_book["首页"], f"{get_column_letter(left + 1)}{top + 1}")
    assert {"绿", "黄", "红"} <= set(light)
    assert len({light["绿"], light["黄"], light["红"]}) == 3
    levels = colours(zh_book["检查"], "A6:A5000")
    assert {"错误", "提醒", "说明"} <= set(levels)
    assert len({levels["错误"], levels["提醒"], levels["说明"]}) == 3


# --- how it is made ----------------------------------------------------------------------------


def parts(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_committed_template_is_what_the_code_builds(lang, suffix, tmp_path):
    built = tmp_path / f"built{suffix}"
    build_template(built, lang)
    old, new = parts(template_file(lang, suffix)), parts(built)
    assert list(old) == list(new)
    changed = [name for name in old if old[name] != new[name]]
    assert changed == [], json.dumps(changed) + ": run python -m xl_kpi.excel.template"


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_building_twice_gives_the_same_file(lang, suffix, tmp_path):
    first, second = tmp_path / f"1{suffix}", tmp_path / f"2{suffix}"
    build_template(first, lang)
    build_template(second, lang)
    assert first.read_bytes() == second.read_bytes()


def test_the_package_finds_its_template(monkeypatch, tmp_path):
    assert template_file("zh").name == "kpi_template.xlsx"
    package = tmp_path / "xl_kpi"
    (package / "workbook").mkdir(parents=True)
    shipped = package / "workbook" / "kpi_template.en.xlsx"
    shipped.touch()
    monkeypatch.setattr(layout, "__file__", str(package / "excel" / "layout.py"))
    assert template_file("en") == shipped
    assert template_file("zh") == tmp_path / "workbook" / "kpi_template.xlsx"
