"""Closed months over two years: they recalculate to the byte, and true-ups leave nothing out."""

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

NOW = dt.datetime(2026, 12, 5, 10, 0)


def closed_book(world, frames, months):
    """The chain of a world's first months, each closed on what was known then."""
    chain = Chain()
    for n in range(months):
        tables = world.tables(n)
        tables["history"] = booked_rows(chain, tables["history"], tables["history"])
        snapshot, _ = close(
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
