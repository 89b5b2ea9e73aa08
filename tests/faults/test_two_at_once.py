"""Two runs, or a run and another program, at one book at once: the second says so, nothing is lost."""

import os
import shutil
import signal
import subprocess
import sys

import pytest
from fault_runs import Ended, files_of

from xl_kpi.errors import InputError
from xl_kpi.excel.one_writer import only_writer
from xl_kpi.excel.replace_file import ABSENT, replace_file

BUSY = "另一次运行正在写这个文件"
CHANGED = "读取之后，这个文件又被改动过"


def paused(work, at):
    """The command, stopped before one of its calls; its process."""
    notes = str(work.folder.parent / "first")
    started = work.run_raw(strike={"kind": "pause", "at": at}, notes=notes, wait=True)
    return started["stopped"], notes


def resumed(work, process, notes):
    return Ended(**work.server.ask(resume=process, notes=notes))


def other_import(work, folder):
    file = folder / "a.csv"
    file.write_text("会员,数\n", encoding="utf-8")
    return ["import", str(work.folder / "十月.xlsm"), str(file)]


@pytest.mark.parametrize(
    ("name", "second", "every"), [("run_again", "same", 6), ("run_again", "import", 20), ("close", "same", 24)]
)
def test_a_second_run_while_the_first_stands_at_any_call(name, second, every, measured, tmp_path):
    work = measured(name)
    command = None if second == "same" else other_import(work, tmp_path)
    book = next(name for name in work.before if "备份" not in name)
    refused = 0
    for at in work.points(every):
        work.reset()
        process, notes = paused(work, at)
        other = work.run() if command is None else work.run(command=command)
        first = resumed(work, process, notes)

        assert "Traceback" not in first.err + other.err
        if at == 1 and name == "close":  # the second was the first; no month is closed twice
            assert "不能再结一次" in first.err
        else:
            assert first.status == 0, (at, first)
        if at > 1:  # the first call makes the lock
            assert other.status == 1, at
            assert BUSY in other.err
            refused += 1
        states = work.states()
        assert (states["gone"], states["torn"], states["hidden"]) == ([], [], []), at
        assert files_of(work.folder)[book] == work.after[book]
    assert refused > 10


def test_the_lock_of_a_process_that_was_killed_is_free(measured):
    work = measured("run_again")
    process, _ = paused(work, 10)
    assert BUSY in work.run().err
    os.kill(process, signal.SIGKILL)
    assert work.server.ask(resume=process)["status"] == -signal.SIGKILL
    assert work.states()["hidden"]
    assert work.run().status == 0
    assert files_of(work.folder) == work.after


@pytest.mark.parametrize(("name", "every"), [("run_again", 6), ("close", 24)])
def test_another_program_saves_while_a_run_stands_at_any_call(name, every, measured):
    """Its work is kept until the last moment: only two names are changed after the comparing."""
    work = measured(name)
    book = next(name for name in work.before if "备份" not in name)
    backup = book.replace("十月", "十月.备份")
    moves = [n for n, (function, _) in enumerate(work.calls, 1) if function == "replace"]
    saved = b"PK what somebody saved meanwhile"
    for at in [n for n in work.points(every) if 1 < n < moves[0]]:
        work.reset()
        process, notes = paused(work, at)
        other = work.folder / "other.tmp"
        other.write_bytes(saved)
        other.replace(work.folder / book)
        first = resumed(work, process, notes)

        now = files_of(work.folder)
        assert now[book] == saved, (at, work.calls[at - 1])
        assert now.get(backup) == work.before.get(backup)
        assert first.status == 1
        assert "Traceback" not in first.err
        if at > 3:  # before that it is not yet read
            assert CHANGED in first.err
        assert work.states()["hidden"] == []
    assert len(moves) == 2
    assert moves[1] == moves[0] + 1


@pytest.mark.parametrize("change", ["deleted", "folder moved", "opened"])
def test_the_book_goes_or_is_opened_while_it_is_calculated(change, measured, tmp_path):
    work = measured("run_again")
    at = next(n for n, (function, _) in enumerate(work.calls, 1) if function == "fsync")
    process, notes = paused(work, at)
    book = work.folder / "十月.xlsm"
    if change == "deleted":
        book.unlink()
    elif change == "folder moved":
        work.folder.rename(tmp_path / "moved")
        work.folder.mkdir()
    else:
        book.with_name("~$十月.xlsm").write_bytes(b"")
    first = resumed(work, process, notes)

    assert first.status == 1
    assert "Traceback" not in first.err
    assert "    → " in first.err
    assert not [name for name in files_of(work.folder) if name.startswith(".xl-kpi")]
    if change == "opened":
        assert book.read_bytes() == work.before["十月.xlsm"]
    shutil.rmtree(tmp_path / "moved", ignore_errors=True)


def test_the_lock_is_between_processes_and_one_process_may_take_it_twice(tmp_path):
    path = tmp_path / "a.xlsx"
    code = (
        "import sys; from pathlib import Path; from xl_kpi.excel.replace_file import replace_file\n"
        "replace_file(Path(sys.argv[1]), [b'2'], like=Path(sys.argv[1]).parent, backup=False)"
    )
    command = [sys.executable, "-c", code, str(path)]
    with only_writer(path):
        with only_writer(tmp_path / "." / "a.xlsx"):
            pass
        assert BUSY in subprocess.run(command, capture_output=True, text=True, encoding="utf-8").stderr
        replace_file(path, [b"1"], like=tmp_path, backup=False)
        assert path.read_bytes() == b"1"
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert path.read_bytes() == b"2"
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_new_file_does_not_replace_one_that_has_appeared(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"1")
    with pytest.raises(InputError, match=CHANGED):
        replace_file(path, [b"2"], like=path, backup=False, seen=ABSENT)
    assert path.read_bytes() == b"1"
