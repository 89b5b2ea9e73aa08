"""The disk fills up, breaks or refuses at every single call; files and folders that are not as usual."""

import os

import pytest
from fault_points import BROKEN, DENIED, FULL, READ_ONLY
from fault_runs import files_of

EVERY = {"close": 24}  # of writes that follow one another; of other commands each sixth


def assert_told(ended):
    """Where, what and what to do, and no traceback."""
    assert "Traceback" not in ended.err, ended.err
    assert "[错误] " in ended.err, ended.err
    assert "    → " in ended.err, ended.err
    assert "没有写入任何文件" in ended.err


def assert_whole(work, ended, *, may_leave=False):
    """Nothing was written where the command says so, and everything where it says that it is done."""
    assert ended.status in (0, 1), ended
    states = work.states()
    assert (states["gone"], states["torn"]) == ([], [])
    assert may_leave or states["hidden"] == []
    book = next(name for name in work.after if "备份" not in name and name.endswith(("xlsx", "xlsm")))
    now = files_of(work.folder)
    if ended.status:
        assert_told(ended)
        assert now[book] == work.before[book]
    else:
        assert now[book] == work.after[book]


@pytest.mark.parametrize("name", ["run_again", "import_logs", "close"])
def test_a_disk_that_is_full_from_any_call_on(name, measured):
    work = measured(name)
    failed = 0
    for at in work.points(EVERY.get(name, 6)):
        ended = work.struck(kind="full", at=at, errno=FULL)
        assert_whole(work, ended)
        if ended.status:
            failed += 1
            assert "磁盘空间不够" in ended.err
    assert failed > 10


@pytest.mark.parametrize(
    ("name", "code"),
    [("run_again", BROKEN), ("import_logs", DENIED), ("import_export", READ_ONLY), ("close", BROKEN)],
)
def test_any_single_call_that_fails(name, code, measured):
    work = measured(name)
    failed = 0
    for at in work.points(EVERY.get(name, 6)):
        ended = work.struck(kind="once", at=at, errno=code)
        assert_whole(work, ended, may_leave=work.calls[at - 1][0] == "unlink")
        failed += ended.status
    assert failed > 10


def test_the_list_of_rows_left_out_cannot_be_written(measured):
    """The book is imported, and the warning says how to get the list."""
    work = measured("import_logs")
    at = next(n for n, call in enumerate(work.calls, 1) if call[0] == "replace" and n > len(work.calls) - 8)
    ended = work.struck(kind="once", at=at, errno=DENIED)
    now = files_of(work.folder)
    assert ended.status == 0
    assert now["十月.xlsx"] == work.after["十月.xlsx"]
    assert not [name for name in now if "未计入" in name]
    assert "[提醒] 十月 未计入 2026-10.csv" in ended.out
    assert "工作簿已经导入" in ended.out


@pytest.mark.parametrize("limit", [4096, 100_000])
def test_files_may_not_grow_beyond_a_limit(limit, measured):
    work = measured("run_again")
    ended = work.run(reset=True, limit=limit)
    assert_told(ended)
    assert "写入失败" in ended.err
    assert work.states() == {"gone": [], "torn": [], "hidden": []}
    assert files_of(work.folder) == work.before


@pytest.mark.parametrize("lock", ["~$十月.xlsx", ".~lock.十月.xlsx#"])
def test_a_book_that_is_open_in_excel_is_not_even_read(lock, measured):
    for name in ("run", "import_logs", "close"):
        work = measured(name)
        (work.folder / lock).write_bytes(b"")
        ended = work.run()
        assert_told(ended)
        assert lock in ended.err
        assert files_of(work.folder) == {**work.before, lock: b""}
        assert ended.calls == []


@pytest.mark.parametrize("name", ["run", "close"])
def test_read_only_book(name, measured):
    work = measured(name)
    (work.folder / "十月.xlsx").chmod(0o444)
    ended = work.run()
    assert_told(ended)
    assert "只读" in ended.err
    assert files_of(work.folder) == work.before


def test_the_source_may_be_read_only_with_o(measured):
    work = measured("run_elsewhere")
    source = next(arg for arg in work.command if arg.endswith("source/十月.xlsx"))
    os.chmod(source, 0o444)
    ended = work.run()
    os.chmod(source, 0o644)
    assert ended.status == 0
    assert files_of(work.folder) == work.after


def test_a_book_that_is_gone_a_folder_that_is_gone(measured):
    work = measured("run")
    (work.folder / "十月.xlsx").unlink()
    assert_told(work.run())
    assert files_of(work.folder) == {}
    for command in (
        ["run", "{folder}/没有/十月.xlsx"],
        ["import", "{folder}/没有/十月.xlsx", "a.csv"],
        ["run", work.command[1], "-o", "{folder}/没有/结果.xlsx"],
    ):
        work.reset()
        command = [part.replace("{folder}", str(work.folder)) for part in command]
        assert_told(work.run(command=command))
        assert files_of(work.folder) == work.before


def test_the_folder_itself_stands_where_the_file_goes(measured):
    work = measured("run")
    (work.folder / "结果.xlsx").mkdir()
    ended = work.run(command=["run", str(work.folder / "十月.xlsx"), "-o", str(work.folder / "结果.xlsx")])
    (work.folder / "结果.xlsx").rmdir()
    assert_told(ended)
    assert files_of(work.folder) == work.before


def test_a_link_that_leads_round_in_a_circle(measured):
    work = measured("run")
    (work.folder / "甲.xlsx").symlink_to(work.folder / "乙.xlsx")
    (work.folder / "乙.xlsx").symlink_to(work.folder / "甲.xlsx")
    for command in (["run", "甲.xlsx"], ["import", "甲.xlsx", "a.csv"]):
        named = [str(work.folder / part) if part.endswith("xlsx") else part for part in command]
        assert_told(work.run(command=named))
    (work.folder / "甲.xlsx").unlink()
    (work.folder / "乙.xlsx").unlink()
    assert files_of(work.folder) == work.before


def test_a_link_to_a_book_elsewhere_stays_a_link(measured):
    work = measured("run")
    elsewhere = work.folder.parent / "elsewhere"
    elsewhere.mkdir()
    real, link = elsewhere / "真.xlsx", work.folder / "十月.xlsx"
    link.rename(real)
    link.symlink_to(real)
    assert work.run().status == 0
    assert link.is_symlink()
    assert sorted(p.name for p in elsewhere.iterdir()) == ["真.xlsx", "真.备份.xlsx"]
    link.unlink()
