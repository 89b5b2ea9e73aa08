"""The process dies at every single call by which it changes the folder of the book."""

import signal
import warnings

import openpyxl
import pytest
from fault_runs import files_of, is_hidden
from fault_scenarios import SCENARIOS

from xl_kpi.excel.reader import read_book

ONLY_ONCE = {"new": "文件已存在", "close": "已于"}
ESSENTIAL = {"create", "write", "fsync", "chmod", "replace"}


def without_backup(files):
    return {n: content for n, content in files.items() if "备份" not in n and not is_hidden(n)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_at_any_call_leaves_whole_files_and_the_next_run_clears_up(name, measured):
    work = measured(name)
    assert {function for function, _ in work.calls} >= ESSENTIAL
    followed = set()
    for at in work.points({"run": 1, "import_logs": 1, "close": 3}.get(name, 5)):
        function, file = work.calls[at - 1]
        ended = work.struck(kind="kill", at=at)

        assert ended.status == -signal.SIGKILL, (at, function, ended)
        states = work.states()
        assert (states["gone"], states["torn"]) == ([], []), (at, function, file)
        now = files_of(work.folder)
        changed = {n for n, content in now.items() if content != work.before.get(n)}
        # The same again is only done where the folder is in another state than before.
        state = (function, *sorted(changed))
        if state in followed:
            continue
        followed.add(state)
        again = work.run()
        if again.status:  # it was complete already, and is never done twice
            assert ONLY_ONCE[name] in again.err, (at, function, again)
        kept, wanted = without_backup(files_of(work.folder)), without_backup(work.after)
        assert kept == wanted, (at, function, file)
        states = work.states()
        assert states["torn"] == [], (at, function, file)
        # An existing book is refused before anything is touched.
        assert states["hidden"] == [] or (name == "new" and again.status), (at, function, file)
    assert len(followed) > len(ESSENTIAL)


@pytest.mark.parametrize("name", SCENARIOS)
def test_one_call_more_than_there_are_strikes_nothing(name, measured):
    work = measured(name)
    ended = work.struck(kind="kill", at=len(work.calls) + 1)
    assert ended.status == 0
    assert files_of(work.folder) == work.after


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_states_that_are_allowed_open(name, measured):
    """Every file that a struck run leaves is byte for byte one of these."""
    work = measured(name)
    for state in (work.before, work.after):
        for file, content in state.items():
            if not file.endswith((".xlsx", ".xlsm")) or not content.startswith(b"PK"):
                continue
            path = work.folder / file
            path.write_bytes(content)
            assert read_book(path).tables
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert openpyxl.load_workbook(path).sheetnames


@pytest.mark.parametrize("name", ["run_again", "run_elsewhere", "import_logs", "close"])
def test_interrupted_at_any_call(name, measured):
    """Ctrl-C: told in a sentence, code 130, and each file is as before or complete."""
    work = measured(name)
    for at in work.points(8):
        function, file = work.calls[at - 1]
        ended = work.struck(kind="interrupt", at=at)

        assert ended.status == 130, (at, function, ended)
        assert "已中断" in ended.err
        assert "Traceback" not in ended.err
        states = work.states()
        assert (states["gone"], states["torn"]) == ([], []), (at, function, file)
        if function not in ("unlink", "create", "rmdir"):  # its own clearing up may be cut short
            assert states["hidden"] == [], (at, function, file)
