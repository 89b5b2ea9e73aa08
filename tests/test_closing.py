"""Closed months over two years: they recalculate to the byte, and true-ups leave nothing out."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from closing_worlds import World, scheme_frames

from xl_kpi.closing.closing import booked_rows, close, recalculate
from xl_kpi.closing.ledger import PAY, as_of, figures_of, latest, with_rows
from xl_kpi.closing.months import calculate, schemes_of
from xl_kpi.closing.replay import replay
from xl_kpi.closing.snapshot import Chain, from_cells, hash_of, read_snapshot, to_cells
from xl_kpi.excel.closed_months import ClosedMonths, prove

NOW = dt.datetime(2026, 12, 5, 10, 0)


def closed_book(world, frames, months):
    """The chain of a world's first months, each closed on what was known then."""
    chain = Chain()
    for n in range(months):
        tables = world.tables(n)
        tables["history"] = booked_rows(chain, tables["history"], tables["history"])
        snapshot = close(
            chain, tables, frames, (world.scheme,), world.months[n],
            version="1", code="a-b-1", closed_by="HR", now=NOW,
        )  # fmt: skip
        data = snapshot.data()
        chain.add(read_snapshot(from_cells(to_cells(data))), hash_of(data))
    return chain


def from_scratch(world, frames, months):
    """What each month pays when it is calculated with every fact that is known in the end."""
    paid = {}
    history = world.tables(0)["history"]
    for n in range(months):
        period = world.months[n]
        tables = world.true_tables(n)
        schemes = schemes_of(frames, (world.scheme,), period)
        runs = calculate({**tables, "history": as_of(history, period)}, schemes, period)
        history = with_rows(history, list(figures_of(runs).items()), period)
        for results in runs:
            for person, pay in zip(results.people.ids, results.pay, strict=True):
                paid[period, person] = pay
    return paid


@pytest.mark.parametrize(("scheme", "seed"), [("S01", 1), ("S06", 2)])
def test_two_years_leave_nothing_out(scheme, seed):
    world, frames = World(scheme, seed), scheme_frames(scheme)
    months = len(world.months)
    chain = closed_book(world, frames, months)

    for place in range(months):
        again = recalculate(chain, place, world.tables(0))
        assert hash_of(again.data()) == chain.hashes[place]

    # What was known only after the last closing is still to be booked.
    tables = world.tables(98)
    tables["history"] = booked_rows(chain, tables["history"], tables["history"])
    rest = replay(chain, tables)
    assert not rest.problems
    history = with_rows(tables["history"], list(rest.corrections.items()), "2027-01")
    paid = {
        (key.period, key.person_id): figure.value
        for month in world.months
        for key, figure in latest(history, month).items()
        if key.item == PAY and figure.value is not None
    }
    expected = from_scratch(world, frames, months)
    wanted = {key: pay for key, pay in expected.items() if not np.isnan(pay)}
    assert paid.keys() == wanted.keys()
    wrong = {key: (paid[key], wanted[key]) for key in wanted if paid[key] != wanted[key]}
    assert not wrong
    booked_late = history[(history["period"] < history["booked"]) & (history["item"] == PAY)]
    assert len(booked_late) > 50
    assert isinstance(history, pd.DataFrame)


def small_chain():
    """Three closed months of six people, and the tables as they were at the last closing."""
    world, frames = World("S01", 5, people=6, months=3), scheme_frames("S01")
    chain = closed_book(world, frames, 3)
    tables = world.tables(2)
    tables["history"] = booked_rows(chain, tables["history"], tables["history"])
    return chain, tables


def of_another_version(chain):
    """The chain as a program would have left it that paid everybody one yuan more."""
    other = Chain()
    for snapshot in chain.snapshots:
        figures = [
            (key, figure._replace(value=figure.value + 1) if key.item == PAY else figure)
            for key, figure in snapshot.figures
        ]
        changed = dataclasses.replace(
            snapshot, figures=figures, previous=other.hashes[-1] if other.hashes else ""
        )
        other.add(changed, hash_of(changed.data()))
    return other


def test_what_another_version_would_pay_is_no_true_up():
    chain, tables = small_chain()
    other = of_another_version(chain)
    tables["history"] = booked_rows(other, tables["history"].iloc[:0], tables["history"].iloc[:0])
    counts = tables["counts"]
    assert not replay(other, tables).corrections

    late = counts["date"].dt.strftime("%Y-%m") == other.periods[1]
    person = counts["person_id"][late].iloc[0]
    tables["counts"] = counts.assign(
        sales=np.where(late & (counts["person_id"] == person), counts["sales"] + 3000, counts["sales"])
    )
    found = replay(other, tables)
    changed = [key for key in found.corrections if key.item == PAY]
    assert any(key.person_id == person for key in changed)
    fresh = small_chain()[0]
    own = replay(fresh, {**tables, "history": booked_rows(fresh, tables["history"].iloc[:0], tables["history"].iloc[:0])})
    for key in changed:
        # The same change of pay as where the version is the same, on what was booked.
        change = own.corrections[key].value - own.booked[key].value
        assert found.corrections[key].value - found.booked[key].value == pytest.approx(change, abs=1e-9)
        assert found.booked[key].value == pytest.approx(own.booked[key].value + 1)


def test_what_another_version_would_pay_is_told():
    chain, tables = small_chain()
    like = {**tables, "history": tables["history"].iloc[:0]}
    assert prove(ClosedMonths(chain), like) == []
    told = prove(ClosedMonths(of_another_version(chain)), like)
    assert [p.severity for p in told] == ["warning"] * 3
    assert all("应发合计" in p.what for p in told)
