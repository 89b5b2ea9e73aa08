"""A clock that is set back or far ahead changes nothing in what is written."""

import os

import pytest
from fault_runs import files_of

MOMENTS = {"1970": 86_400, "1979": 300_000_000, "2001": 1_000_000_000, "2120": 4_750_000_000}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", ["run_again", "import_logs", "new"])
def test_the_same_bytes_at_any_time(name, moment, measured):
    work = measured(name)
    ended = work.run(clock=MOMENTS[moment])
    assert ended.status == 0, ended
    assert files_of(work.folder) == work.after


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_book_dated_at_any_time(moment, measured):
    """A book that seems older or newer than its backup is still the book."""
    work = measured("run_again")
    for name in work.before:
        os.utime(work.folder / name, (MOMENTS[moment],) * 2)
    assert work.run().status == 0
    assert files_of(work.folder) == work.after


WITH_WORD = {
    "talks": ["talks", "{folder}/十月.xlsx", "-o", "{folder}/谈"],
    "document": ["document", "{folder}/十月.xlsx", "-o", "{folder}/案", "--pdf"],
}
COMMANDS = {
    "new": ["new", "{folder}/八.xlsx", "--scheme", "S90"],
    "new with macros": ["new", "{folder}/八.xlsm", "--scheme", "S03"],
    "statements": ["statements", "{folder}/十月.xlsx", "-o", "{folder}/单", "--pdf"],
}


def ended(work, command, moment):
    command = [part.replace("{folder}", str(work.folder)) for part in command]
    return work.run(command=command, clock=MOMENTS[moment])


@pytest.mark.parametrize("moment", ["1970", "2120"])
@pytest.mark.parametrize("name", COMMANDS)
def test_other_commands_do_not_mind_the_clock(name, moment, measured):
    end = ended(measured("run"), COMMANDS[name], moment)
    assert end.status == 0, end.err


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", WITH_WORD)
def test_word_files_need_a_year_that_they_can_hold(name, moment, measured):
    end = ended(measured("run"), WITH_WORD[name], moment)
    if moment == "2001":
        assert end.status == 0, end.err
        return
    assert end.status == 1
    assert "校准日期和时间后再试" in end.err
    assert "Traceback" not in end.err
