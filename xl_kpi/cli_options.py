"""The options of ``xl-kpi``: what each command takes, and the help that it shows."""

from __future__ import annotations

import argparse
import datetime as dt
import re

_EPILOGS = {
    "demo": "例 / example: xl-kpi demo",
    "new": "例 / example: xl-kpi new 十月绩效.xlsx --scheme S01",
    "import": "例 / example: xl-kpi import 十月绩效.xlsx 自制报表.xlsx 赤兔.csv --period 2026-10",
    "sample": "例 / example: xl-kpi sample 样例 --people 20 --months 2 --traps",
    "check": "例 / example: xl-kpi check 十月绩效.xlsx",
    "run": "例 / example: xl-kpi run 十月绩效.xlsx",
    "explain": "例 / example: xl-kpi explain 十月绩效.xlsx 张敏 绩效奖金",
    "diagnose": "例 / example: xl-kpi diagnose 十月绩效.xlsx -o 诊断.xlsx",
    "simulate": "例 / example: xl-kpi simulate 十月绩效.xlsx --scheme S04 --months 2026-05:2026-10",
    "close": "例 / example: xl-kpi close 2026年绩效.xlsx --by 王芳",
    "history": "例 / example: xl-kpi history 2026年绩效.xlsx -o 历史.parquet",
    "statements": "例 / example: xl-kpi statements 十月绩效.xlsx -o 十月工资条 --pdf",
    "talks": "例 / example: xl-kpi talks 十月绩效.xlsx -o 十月面谈 --published 2026-11-08",
    "document": "例 / example: xl-kpi document 十月绩效.xlsx -o 方案 --pdf",
    "eval": '例 / example: xl-kpi eval "=KPI_DEPT_COEF(47%,39.55%)"',
    "rules": "例 / example: xl-kpi rules R05",
    "doctor": "例 / example: xl-kpi doctor 十月绩效.xlsm",
}
_HELP = {
    "demo": "造一本带示例数据的工作簿并算出结果 / a filled, calculated sample book",
    "new": "新建空白工作簿 / a fresh book from the template",
    "import": "平台导出填进工作簿 / platform exports into the book's tables",
    "sample": "造几个月逼真的原始日志 / realistic months of raw logs",
    "check": "检查数据和方案，不写文件 / check data and scheme, write nothing",
    "run": "计算并写入结果表 / calculate and write the result sheets",
    "explain": "某个人的数字从哪里来 / where a person's numbers come from",
    "diagnose": "制度好不好用：区分度、目标、样本、异常、公平 / is the policy any good",
    "simulate": "换一个方案，这些月份要花多少钱 / what another scheme would have cost",
    "close": "月结：结果定下来，以后不变，差额记在下月 / close the month; it never changes again",
    "history": "历史导出为 Parquet 或 CSV，给 BI 和数据分析用 / the history as Parquet or CSV",
    "statements": "每人一份绩效与薪资单，另有全员工资条 / one statement per person, and all payslips",
    "talks": "每人一份面谈表，另有跟进清单 / a sheet for each feedback talk, and what follows",
    "document": "绩效方案：可读、可签字的文件 / the scheme as a document to read and sign",
    "eval": "计算一个工作表公式 / evaluate a worksheet formula",
    "rules": "规则目录 / the catalogue of rules",
    "doctor": "函数或按钮为什么不动 / why functions or buttons do not work here",
}


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    root = argparse.ArgumentParser(
        prog="xl-kpi", description="客服绩效、奖金与薪资，精确到分 / KPIs, bonuses and pay, exact to the cent"
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, *, with_json: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=_HELP[name], description=_HELP[name], epilog=_EPILOGS[name]
        )
        sub.add_argument("--lang", choices=("zh", "en"), default="zh", help="语言 / language")
        if with_json:
            sub.add_argument("--json", action="store_true", help="给程序用的结果 / JSON")
        return sub

    def with_passwords(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--password", nargs="?", const="", metavar="TEXT",
            help="打开文件的密码；不写密码就会问 / to open the files; asked for if left out",
        )
        sub.add_argument(
            "--passwords", metavar="FILE",
            help="每人一个密码：Excel 或 CSV，两列 工号、密码；这时 --password 只用于人力资源部的文件 / "
                 "each person's own, columns Staff ID and Password; --password is then for HR's file",
        )  # fmt: skip

    def papers(sub: argparse.ArgumentParser) -> None:
        sub.set_defaults(lang=None)  # the language of the book
        sub.add_argument("book", metavar="BOOK")
        sub.add_argument(
            "-o", "--output", metavar="DIR", required=True, help="写到这个文件夹 / into this folder"
        )
        sub.add_argument("--scheme", metavar="ID", help="方案编号 / scheme")
        sub.add_argument("--pdf", action="store_true", help="另存 PDF / as PDF, too")

    def with_months(sub: argparse.ArgumentParser, otherwise: tuple[str, str]) -> None:
        sub.add_argument(
            "--months", type=_months, default=(), metavar="2026-05:2026-10",
            help=f"哪些月份；不写就是{otherwise[0]} / which months; else {otherwise[1]}",
        )  # fmt: skip

    demo = add("demo")
    demo.add_argument("directory", nargs="?", default="xl-kpi-demo", metavar="DIR")
    new = add("new", with_json=False)
    new.add_argument("book", metavar="BOOK")
    new.add_argument(
        "--scheme", default="S01", help="方案编号，几个用逗号隔开 / scheme, or several: S01,S06"
    )
    new.add_argument("--after", metavar="OLD", help="接着去年的工作簿做 / go on from last year's book")
    new.add_argument(
        "--keep", type=_number, default=3, metavar="N", help="留下几个已月结月份的数据 / closed months that keep rows"
    )
    importing = add("import")
    importing.add_argument("book", metavar="BOOK")
    importing.add_argument("files", nargs="+", metavar="FILE", help="平台导出 / exports")
    importing.add_argument("--as", dest="profile", metavar="PROFILE", help="导出格式 / profile")
    importing.add_argument(
        "--period", type=_month, metavar="2026-10", help="只要这个月 / only this month"
    )
    importing.add_argument(
        "--estimate", action="store_true",
        help="没有总响应秒数时用 均值×接待人数 估算，会标明 / estimate seconds from means, marked",
    )  # fmt: skip
    sample = add("sample")
    sample.add_argument("directory", metavar="DIR")
    sample.add_argument("--people", type=_number, default=10, metavar="N", help="人数 / people")
    sample.add_argument("--months", type=_number, default=2, metavar="N", help="月数 / months")
    sample.add_argument("--last", type=_month, default="2026-10", metavar="2026-10",
                        help="最后一个月 / the last month")  # fmt: skip
    sample.add_argument("--seed", type=int, default=1, metavar="N", help="另一个数，另一份数据 / seed")
    sample.add_argument("--traps", action="store_true",
                        help="带上删除、重复、无人、不明账号的行 / with broken rows")  # fmt: skip
    sample.add_argument("--as", dest="form", choices=("parquet", "csv", "book"), default="parquet",
                        help="文件或工作簿 / files, or a book")  # fmt: skip
    check = add("check")
    check.add_argument("book", metavar="BOOK")
    check.add_argument("--scheme", help="方案编号 / scheme")
    check.add_argument("--notes", action="store_true", help="说明也逐条列出 / list the notes too")
    run = add("run")
    run.add_argument("book", metavar="BOOK")
    run.add_argument("-o", "--output", metavar="OUT", help="写到另一个文件 / write here instead")
    run.add_argument("--scheme", metavar="ID", help="方案编号 / scheme")
    close = add("close")
    close.add_argument("book", metavar="BOOK")
    close.add_argument("--by", default="", metavar="NAME", help="经办人 / who closes it")
    close.add_argument(
        "--accept-unripe", action="store_true", help="未定的数先按现在的发 / pay what is not final as it is"
    )
    explain = add("explain")
    explain.add_argument("book", metavar="BOOK")
    explain.add_argument("person", metavar="PERSON", help="工号或姓名 / staff id or name")
    explain.add_argument("item", nargs="?", metavar="ITEM", help="指标或薪资项 / one number")
    explain.add_argument("--scheme", metavar="ID", help="方案编号 / scheme")
    closed_months = ("月结过的", "those closed")
    simulate = add("simulate")
    simulate.add_argument("book", metavar="BOOK")
    simulate.add_argument(
        "--scheme", metavar="ID", required=True,
        help="试哪个方案：工作簿里的或现成的；S01@2027-01 用那个月生效的行 / the scheme to try",
    )  # fmt: skip
    simulate.add_argument(
        "--against", metavar="ID", help="跟哪个方案比；不写就跟已发的比 / compare with; else as paid"
    )
    with_months(simulate, closed_months)
    simulate.add_argument("-o", "--output", metavar="OUT", help="结果另存为工作簿 / a workbook of its own")
    diagnose = add("diagnose")
    diagnose.add_argument("book", metavar="BOOK")
    diagnose.add_argument("--scheme", metavar="ID", help="方案编号；不写就用首页的 / scheme")
    with_months(diagnose, closed_months)
    diagnose.add_argument(
        "--set", dest="changes", action="append", default=[], metavar="NAME=N",
        help="改一个门槛，如 easy_share=90%%；可写几次 / another threshold; repeatable",
    )  # fmt: skip
    diagnose.add_argument("-o", "--output", metavar="OUT", help="结果另存为工作簿 / a workbook of its own")
    history = add("history")
    history.add_argument("book", metavar="BOOK")
    history.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="写成 .parquet 或 .csv / as .parquet or .csv"
    )
    with_months(history, ("全部", "all"))
    statements = add("statements")
    papers(statements)
    with_passwords(statements)
    talks = add("talks")
    papers(talks)
    with_passwords(talks)
    talks.add_argument(
        "--published", type=_day, metavar="2026-11-08",
        help="结果公布日，期限从它算起；不写就用数据截至日 / due dates count from it",
    )  # fmt: skip
    document = add("document")
    papers(document)
    evaluate = add("eval")
    evaluate.add_argument("formula", metavar="FORMULA")
    rules = add("rules")
    rules.add_argument("id", nargs="?", metavar="ID")
    doctor = add("doctor")
    doctor.add_argument("book", nargs="?", metavar="BOOK", help="也检查这个工作簿 / a book, too")
    return root


def _month(text: str) -> str:
    """A month as typed; anything else is wrong usage."""
    from xl_kpi.period import parse_period

    month = parse_period(text)
    if month is None:
        raise argparse.ArgumentTypeError(f"“{text}”不是月份，写成 2026-10 / write 2026-10")
    return month


def _months(text: str) -> tuple[str, ...]:
    """Months as typed: ``2026-01:2026-06``, or one by one; anything else is wrong usage."""
    from xl_kpi.period import earlier

    months: dict[str, None] = {}
    for part in filter(None, re.split("[,，、 ]+", text.strip())):
        first, _, last = part.replace("：", ":").partition(":")
        start, end = _month(first), _month(last or first)
        while start <= end:
            months[start] = None
            start = earlier(start, -1)
    if not months:
        raise argparse.ArgumentTypeError(f"“{text}”里没有月份，写成 2026-01:2026-06 / write 2026-01:2026-06")
    return tuple(sorted(months))


def _day(text: str) -> dt.date:
    """A day as typed; anything else is wrong usage."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        message = f"“{text}”不是日期，写成 2026-11-08 / write 2026-11-08"
        raise argparse.ArgumentTypeError(message) from None


def _number(text: str) -> int:
    """A whole number from 1 on; anything else is wrong usage."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}”要是 1 以上的整数 / a whole number from 1 on")
    return int(text)
