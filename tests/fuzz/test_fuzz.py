"""Two minutes of fuzzing, the heavy files, and every file that once was read wrongly."""

import sys
import tomllib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))

import heavy  # noqa: E402
import run  # noqa: E402
import target  # noqa: E402

from xl_kpi.errors import InputError  # noqa: E402
from xl_kpi.excel.reader import read_book  # noqa: E402
from xl_kpi.sources.logs import read_log  # noqa: E402

FINDINGS = tomllib.loads((FOLDER / "findings.toml").read_text(encoding="utf-8"))
SECONDS = 75.0
FEWEST = 500  # cases; even the slowest machine does more


def test_two_minutes_find_nothing():
    found = []
    ends, _ = run.fuzz(20261005, SECONDS, found.append)

    assert not found, found[:5]
    for kind in set(target.KINDS):
        assert ends[f"{kind} read"], f"no file of the kind {kind} was read at all"
        assert ends[f"{kind} refused"], f"no file of the kind {kind} was refused"
    assert sum(ends.values()) > FEWEST


def test_heavy_files_take_neither_long_nor_much_memory():
    found, ended = [], {}
    names = list(heavy.FILES)
    run.fuzz("heavy", 300.0, found.append, most=len(names), ended=ended)

    assert not found, [(names[said["number"]], said["error"]) for said in found]
    wanted = {n: end for n, (_, _, end) in enumerate(heavy.FILES.values()) if end}
    assert {n: ended[n] for n in wanted} == wanted


@pytest.mark.parametrize("name", sorted(FINDINGS))
def test_what_was_found_once(name):
    path, wanted = FOLDER / "findings" / name, FINDINGS[name]

    figures, said = taken(path)

    assert wanted["says"] in said
    assert figures == wanted.get("figures", {})


def test_every_finding_is_replayed():
    assert {path.name for path in (FOLDER / "findings").iterdir()} == set(FINDINGS)


def taken(path):
    """The figures of a file by ``account item``, and what is said of it."""
    try:
        if path.name.startswith("book"):
            read_book(path)
            return {"read": 1.0}, ""
        if path.name.startswith("desk"):
            log = read_log(path)
            return {"sessions": float(len(log.sessions))}, "\n".join(map(str, log.notes))
    except InputError as error:
        return {}, str(error)
    readings, problems = target.imported(path)
    figures = {f"{f.account} {f.item}": f.value for reading in readings for f in reading.figures}
    return figures, "\n".join(map(str, problems))


@pytest.mark.parametrize("kind", ["cells", "book", "log"])
def test_the_oracle_sees_a_wrong_figure(kind, tmp_path):
    """A reader that got another figure than the file's would be found."""
    for number in range(200):
        case, name, content, made = target.case(7, number)
        if case == kind and not made.told:
            made.told.append("as written")
        if case != kind:
            continue
        path = target.write_case(tmp_path, name, content)
        if target.examine(kind, path, made) != "read":
            continue
        if not spoilt(kind, made):
            continue
        with pytest.raises(target.WrongError):
            target.examine(kind, path, made)
        return
    pytest.fail("no case to try")


def spoilt(kind, made):
    """Expect another figure of one cell; whether there was one to change."""
    if kind == "cells":
        for person in made.people:
            for key in made.counts:
                for place in made.counts[key]:
                    cell = person.cells[place]
                    if isinstance(cell.figure, float) and person.day and not person.shifted and cell.figure:
                        cell.figure += 1
                        return made.told[-1] in ("xlsx", "json")
    if kind == "log":
        for _, row, odd in made.rows:
            if not odd:
                row[1] = "somebody else"
                return True
    if kind == "book" and any(isinstance(cell, int) and cell > 1 for cell in made.rows[0]):
        made.rows[0] = [cell + 1 if isinstance(cell, int) and cell > 1 else cell for cell in made.rows[0]]
        return True
    return False
