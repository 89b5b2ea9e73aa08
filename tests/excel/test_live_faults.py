"""Excel refuses a call somewhere in the middle: the book stands as it did before, or is finished."""

import live_books
import pytest
from fake_excel import com_error, opened, state

from xl_kpi.excel import live as live_module
from xl_kpi.excel.live import run_live
from xl_kpi.excel.live_steps import WriteFailedError

BOOKS = {
    "the same people": lambda path: live_books.grown(path, 5, 5),
    "tables grow": lambda path: live_books.grown(path, 5, 9),
    "tables shrink": lambda path: live_books.grown(path, 9, 5),
    "columns and sheets go": live_books.switched,
}


@pytest.fixture
def calculated_once(monkeypatch):
    """The calculation is the same each time; only the writing is tried again and again."""

    def remember(name):
        known, make = [], getattr(live_module, name)

        def remembered(argument):
            if not known:
                known.append(make(argument))
            return known[0]

        monkeypatch.setattr(live_module, name, remembered)

    remember("check_raw")
    remember("changes")


def writes_of(path):
    live = opened(path)
    run_live(live)
    return live.api.Application.log.writes


@pytest.mark.parametrize("name", BOOKS)
def test_a_fault_at_any_write_leaves_everything_as_it_was(tmp_path, calculated_once, name):
    path = BOOKS[name](tmp_path / "十月.xlsx")
    writes = writes_of(path)
    live = opened(path)
    log = live.api.Application.log
    people = live.api.Worksheets("个人结果").tables[0]
    people.filter(4, [f"={live.api.Worksheets('个人结果').cells[7, 4].value}"], 7)
    before = state(live)
    assert len(writes) > 15
    for number, write in enumerate(["show all of kpi_result_people", *writes], 1):
        log.writes.clear()
        log.fail_at = {"writes": number}
        with pytest.raises((WriteFailedError, com_error)) as caught:
            run_live(live)
        assert log.writes[number - 1] == write
        if isinstance(caught.value, WriteFailedError):
            assert caught.value.restored
        after = state(live)
        for key, value in before.items():
            assert after[key] == value, (write, key)


def test_the_first_run_takes_its_new_sheets_away_again(tmp_path, calculated_once):
    path = live_books.demo(tmp_path / "十月.xlsx")
    added = [n for n, w in enumerate(writes_of(path), 1) if w.startswith(("add", "name"))]
    live = opened(path)
    before = state(live)
    assert len(added) == 21  # seven sheets, each with its name and its mark
    for number in (*added[:6], *added[-3:]):
        live.api.Application.log.writes.clear()
        live.api.Application.log.fail_at = {"writes": number}
        with pytest.raises(WriteFailedError):
            run_live(live)
        assert state(live) == before


def test_a_fault_in_the_looks_loses_nothing_of_the_figures(tmp_path, calculated_once):
    path = live_books.switched(tmp_path / "十月.xlsx")
    plain = opened(path)
    run_live(plain)
    expected, count = without_looks(plain), len(plain.api.Application.log.looks)
    for number in range(1, count, 29):
        live = opened(path)
        live.api.Application.log.fail_at = {"looks": number}
        run_live(live)
        assert without_looks(live) == expected


def without_looks(live):
    """All but what is folded and which columns have bars."""
    return {key: value for key, value in state(live).items() if key not in ("folded", "bars")}


def test_what_cannot_be_put_back_is_said(tmp_path, calculated_once, monkeypatch):
    live = opened(live_books.grown(tmp_path / "十月.xlsx", 5, 9))
    log = live.api.Application.log
    note = log.note

    def refusing(kind, what):
        note(kind, what)
        if kind == "writes" and len(log.writes) >= 6:
            raise com_error("gone")

    monkeypatch.setattr(log, "note", refusing)
    before = state(live)["settings"], state(live)["protection"]
    with pytest.raises(WriteFailedError) as caught:
        run_live(live)
    assert not caught.value.restored
    assert (state(live)["settings"], state(live)["protection"]) == before


def test_a_fault_while_errors_are_written_leaves_everything_as_it_was(tmp_path):
    live = opened(live_books.calculated_demo(tmp_path / "十月.xlsx"))
    staff = live.api.Worksheets("员工")
    staff.cells[6, 1].value = None
    other = opened(tmp_path / "十月.xlsx")
    other.api.Worksheets("员工").cells[6, 1].value = None
    run_live(other)
    before = state(live)
    for number in range(1, len(other.api.Application.log.writes) + 1):
        live.api.Application.log.writes.clear()
        live.api.Application.log.fail_at = {"writes": number}
        with pytest.raises(WriteFailedError):
            run_live(live)
        assert state(live) == before
