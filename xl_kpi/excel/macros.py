"""What the buttons and the ribbon of the book call, by way of xlwings' ``RunPython``.

Whatever the user can cause is answered with where, what and how to mend it.  Anything else is one
plain sentence; its particulars go into a log file.  No traceback reaches a dialog.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import xlwings as xw

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.close import UnripeError
from xl_kpi.excel.doctor import findings
from xl_kpi.excel.live import check_live, language, run_live
from xl_kpi.excel.live_close import close_live, plan_live_closing
from xl_kpi.excel.live_explain import explain_selected
from xl_kpi.excel.live_import import import_live, pick_files, saved_file
from xl_kpi.excel.live_steps import WriteFailedError
from xl_kpi.excel.run import Outcome, check_book

LOG_NAME = "xl_kpi_log.txt"
CONFIG_SHEET = "xlwings.conf"
_TITLE = "xl_kpi"
_SHOWN = 6  # problems in a message; the sheet has them all
_TEXT = 2  # what an input box of Excel asks for
_BUSY = -2147418111  # RPC_E_CALL_REJECTED
_ATTEMPTS = 3_000  # calls of a busy Excel until it is given up; xlwings itself would never end

_SAID: Mapping[str, tuple[str, str]] = {
    "busy": ("Excel 正忙，没有回应：可能正在编辑单元格，或开着别的对话框。按 Enter 或 Esc 结束编辑、关掉对话框，再点一次。",
             "Excel is busy: a cell is being edited or a dialog is open. End that and press again."),
    "restored": ("Excel 拒绝了写入，已把写过的全部恢复，结果还是上次的。请关掉正在使用的筛选、共享或加载项，再点一次；还不行就保存、关闭工作簿，用 xl-kpi run 计算。",
                 "Excel refused to write; everything was put back. Try again, or save, close, and use xl-kpi run."),
    "broken": ("Excel 拒绝了写入，而且没能全部恢复。请不要保存：关闭工作簿时选“不保存”，重新打开再试。",
               "Excel refused to write and not all could be put back. Do not save: close and open the book again."),
    "unforeseen": ("程序出错，没有完成。工作簿如有异样请不要保存。记录在：{log}（请把这个文件发给维护的人）",
                   "Something went wrong and it was not finished. Particulars are in {log}; do not save if the book looks odd."),
    "no_book": ("请从工作簿里的按钮启动。", "Please start this from a button of the book."),
    "mac": ("Mac 版 Excel 上按钮还不能用：请保存并关闭工作簿，再用命令 xl-kpi run 计算、xl-kpi import 导入。",
            "The buttons do not work in Excel for Mac yet: save, close, and use xl-kpi run or xl-kpi import."),
    "read_only": ("这本工作簿是以只读方式打开的：写进去的内容要用“另存为”才能留下。",
                  "The book was opened read-only: use Save As to keep what was written."),
    "healthy": ("没有发现问题：Python、xlwings 和工作簿的设置都正常。", "Nothing wrong was found."),
    "imported": ("导入了 {files} 个文件，{cells} 个单元格有了新的数。请看一遍，保存，再点“检查”。",
                 "Imported {files} files; {cells} cells have new figures. Look them over, save, then press Check."),
    "unchanged": ("没有任何变化：这些文件以前导入过。", "Nothing has changed: these files were imported before."),
    "ask_scheme": ("试哪个方案？填方案编号，如 S04；工作簿里的和现成的都可以。",
                   "Which scheme? Its ID, such as S04: one of this book or a ready one."),
    "what_if": ("{name} 试算 {scheme}.xlsx", "{name} what-if {scheme}.xlsx"),
    "simulated": ("{months}\n{before_name}：{before:,.2f}\n{after_name}：{after:,.2f}（{change:+,.2f}）\n升 {up} 人，降 {down} 人，不变 {same} 人\n明细在：{out}",
                  "{months}\n{before_name}: {before:,.2f}\n{after_name}: {after:,.2f} ({change:+,.2f})\n{up} gain, {down} lose, {same} stay the same\nAll of it: {out}"),
    "save_simulate": ("请先保存工作簿（存在本机的文件夹里），再点“试算”：它用保存过的文件，结果写到旁边。",
                      "Save the book in a folder of this PC and press again: the saved file is used, the result lies beside it."),
    "save_first": ("请先保存工作簿（存在本机的文件夹里），再点“工资条”：它用保存过的文件，写到旁边的文件夹。",
                   "Save the book in a folder of this PC and press again: statements are made from the saved file."),
    "folder": ("{name} 工资条", "{name} statements"),
    "statements": ("已为 {people} 人写好绩效与薪资单（Excel 和 PDF），另有全员工资条（只给人力资源部）。在文件夹：{folder}\n校验码 {code}",
                   "Wrote statements for {people} people (Excel and PDF), and all payslips (HR only), into {folder}\nCode {code}"),
    "close": ("月结 {period}：{people} 人，应发合计 {pay:,.2f} 元，往月差额 {true_ups:+,.2f} 元。\n\n"
              "月结以后，这个月不再变；以后改动的数据，差额记在下一个月。确定已按这些数发放？",
              "Close {period}: {people} people, pay {pay:,.2f}, true-ups {true_ups:+,.2f}.\n\n"
              "The month never changes after that; later changes become true-ups. Are these the figures paid?"),
    "unripe": ("还有没定的数：\n\n{problems}\n\n先按现在的数发放、以后补差，选“是”；等数定了再月结，选“否”。",
               "Some figures are not final:\n\n{problems}\n\nYes: pay them as they are and true up later. No: wait."),
    "closed": ("{period} 已月结。请保存工作簿，再把首页的期间改成下一个月。\n\n校验码 {code}\n"
               "把校验码另存一份（邮件、打印）：以后能证明这个月没有改过。",
               "Closed {period}. Save the book, then set the period to the next month.\n\nCheck code {code}\n"
               "Keep it elsewhere: it proves later that the month is unchanged."),
    "more": ("……共 {n} 条，都在“检查”表里。", "… {n} in all, listed on the sheet Checks."),
}  # fmt: skip


# --- buttons -----------------------------------------------------------------------------------


def import_files() -> None:
    """Import: the chosen exports go into the tables; a message says what came of it."""
    _pressed(_import)


def _import(book: xw.Book, lang: str) -> None:
    saved_file(book)
    files = pick_files(book)
    if not files:
        return
    outcome = import_live(book, files)
    count = len({one.file for one in outcome.imported})
    said = [_said("imported" if outcome.changed else "unchanged", lang, files=count, cells=outcome.cells)]
    doubts = [p for p in outcome.problems if p.severity != "note"]
    said += [_listed(doubts, lang)] if doubts else []
    said += [_said("read_only", lang)] if book.api.ReadOnly else []
    _tell(book, "\n\n".join(said))


def check() -> None:
    """Check: 检查 and the first sheet say what was found."""
    _pressed(lambda book, lang: _finished(book, check_live(book)))


def run() -> None:
    """Recalculate: every result sheet, or what stands in the way."""
    _pressed(lambda book, lang: _finished(book, run_live(book)))


def explain() -> None:
    """Explain the selected number in a message."""
    _pressed(lambda book, lang: _tell(book, explain_selected(book)))


def simulate() -> None:
    """What-if: the months by another scheme, as a workbook beside the saved book."""
    _pressed(_try_scheme)


def statements() -> None:
    """Statements: a file for each person into a folder beside the saved book."""
    _pressed(_hand_out)


def close() -> None:
    """Close the month, after asking: its results and what is kept of it, or nothing."""
    _pressed(_close)


def _close(book: xw.Book, lang: str) -> None:
    try:
        closed = plan_live_closing(book, accept_unripe=False)
    except UnripeError as error:
        told = "\n".join(p.what for p in error.problems)
        if not _agreed(book, _said("unripe", lang, problems=told)):
            return
        closed = plan_live_closing(book, accept_unripe=True)
    people = sum(results.people.count for results in closed.outcome.runs)
    period = closed.snapshot.period
    question = _said(
        "close", lang, period=period, people=people, pay=closed.pay, true_ups=closed.true_ups
    )
    if _agreed(book, question):
        close_live(book, closed)
        _tell(book, _said("closed", lang, period=period, code=closed.hash))


def _agreed(book: xw.Book, question: str) -> bool:
    """Whether a question is answered with yes."""
    return bool(book.app.alert(question, _TITLE, buttons="yes_no", mode="info") == "yes")


def doctor() -> None:
    """Say what is wrong with this PC or this book, and how to mend it."""
    _pressed(_diagnose)


def _finished(book: xw.Book, outcome: Outcome) -> None:
    lang = outcome.job.lang
    if outcome.count("error"):
        _tell(book, _listed(outcome.problems, lang), failed=True)
    elif book.api.ReadOnly:
        _tell(book, _said("read_only", lang))


def _hand_out(book: xw.Book, lang: str) -> None:
    path = Path(str(book.api.FullName))
    if not book.api.Saved or not path.is_file():
        _tell(book, _said("save_first", lang), failed=True)
        return
    from xl_kpi.excel.statement_files import outdated, write_statements

    outcome = check_book(path)
    folder = path.with_name(_said("folder", lang, name=path.stem))
    written = write_statements(outcome, folder, lang, pdf=True)
    text = _said(
        "statements", lang, people=len(written.files), folder=folder, code=written.code
    )
    stale = [*outdated(outcome), *written.problems]
    _tell(book, "\n\n".join([text, *([_listed(stale, lang)] if stale else [])]))


def _try_scheme(book: xw.Book, lang: str) -> None:
    path = Path(str(book.api.FullName))
    if not book.api.Saved or not path.is_file():
        _tell(book, _said("save_simulate", lang), failed=True)
        return
    answer = book.app.api.InputBox(Prompt=_said("ask_scheme", lang), Title=_TITLE, Type=_TEXT)
    if not isinstance(answer, str) or not answer.strip():
        return
    from xl_kpi.excel.simulate import simulate_book
    from xl_kpi.excel.simulate_book import refuse_output, write_simulation
    from xl_kpi.excel.statement_files import for_file

    scheme = answer.strip()
    out = path.with_name(_said("what_if", lang, name=path.stem, scheme=for_file(scheme)))
    refuse_output(out, path)
    found = simulate_book(path, scheme)
    write_simulation(found, out, lang, like=path)
    total = found.by().iloc[0]
    text = _said(
        "simulated", lang, months="、".join(found.months), before_name=found.before,
        after_name=found.after, out=out, before=total["before"], after=total["after"],
        change=total["change"], **found.counts,
    )  # fmt: skip
    doubts = [p for p in found.problems if p.severity != "note"]
    _tell(book, "\n\n".join([text, *([_listed(doubts, lang)] if doubts else [])]))


def _diagnose(book: xw.Book, lang: str) -> None:
    problems = findings(_config(book), book=str(book.api.FullName), lang=lang)
    _tell(book, _listed(problems, lang) if problems else _said("healthy", lang))


def _config(book: xw.Book) -> dict[str, str]:
    """The settings of the book for xlwings: names in the first column, values in the second."""
    for sheet in book.sheets:
        if sheet.name.casefold() == CONFIG_SHEET:
            rows = sheet.range("A1:B40").options(ndim=2).value
            return {str(key): "" if value is None else str(value) for key, value in rows if key}
    return {}


# --- around every button -----------------------------------------------------------------------


def _pressed(action: Callable[[xw.Book, str], None]) -> None:
    """Do it for the book whose button was pressed; every failure becomes a sentence."""
    book, lang = None, "zh"
    try:
        with _patience():
            book = xw.Book.caller()
            if sys.platform == "darwin":
                _tell(book, _said("mac", lang), failed=True)
                return
            lang = language(book)
            action(book, lang)
    except InputError as error:
        _tell(book, _listed(error.problems, lang), failed=True)
    except WriteFailedError as error:
        _log(book)
        _tell(book, _said("restored" if error.restored else "broken", lang), failed=True)
    except Exception as error:
        if _is_busy(error):
            _tell(book, _said("busy", lang), failed=True)
            return
        log = _log(book)
        key = "no_book" if book is None else "unforeseen"
        _tell(book, _said(key, lang, log=log), failed=True)


def _said(key: str, lang: str, **names: object) -> str:
    return _SAID[key][lang == "en"].format(**names)


def _listed(problems: Sequence[Problem], lang: str) -> str:
    """Problems as where, what and how to mend it; the worst first."""
    errors = [p for p in problems if p.severity == "error"] or list(problems)
    lines = [f"{p.where}\n{p.what}\n→ {p.fix}" for p in errors[:_SHOWN]]
    if len(errors) > _SHOWN:
        lines.append(_said("more", lang, n=len(errors)))
    return "\n\n".join(lines)


def _tell(book: xw.Book | None, text: str, *, failed: bool = False) -> None:
    """A message box; where there is no Excel, the console."""
    try:
        if book is None:
            raise LookupError
        book.app.alert(text, _TITLE, mode="critical" if failed else "info")
    except Exception:
        with suppress(Exception):
            print(text, file=sys.stderr)


def _log(book: xw.Book | None) -> str:
    """Write down what happened, beside the book or in the folder for temporary files."""
    text = f"{dt.datetime.now():%Y-%m-%d %H:%M:%S} Python {sys.version}\n{traceback.format_exc()}\n"
    folders = [tempfile.gettempdir()]
    with suppress(Exception):
        beside = str(book.api.Path) if book is not None else ""
        if beside and os.path.isdir(beside):
            folders.insert(0, beside)
    for folder in folders:
        path = Path(folder) / LOG_NAME
        with suppress(OSError), path.open("a", encoding="utf-8") as file:
            file.write(text)
            return str(path)
    return ""


def _is_busy(error: BaseException) -> bool:
    if type(error).__name__ == "ExcelBusyError":
        return True
    return getattr(error, "hresult", None) == _BUSY


@contextmanager
def _patience() -> Iterator[None]:
    """A busy Excel is asked for some seconds, not for ever."""
    windows: Any = sys.modules.get("xlwings._xlwindows")
    before = getattr(windows, "N_COM_ATTEMPTS", None)
    if before is not None:
        windows.N_COM_ATTEMPTS = _ATTEMPTS
    try:
        yield
    finally:
        if before is not None:
            windows.N_COM_ATTEMPTS = before
