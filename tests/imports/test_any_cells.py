"""Whatever stands in an export: no crash, and every row counted, told or a summary."""

import datetime as dt
import math

from export_blocks import BLOCKS
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_kpi.errors import InputError
from xl_kpi.sources.export_cells import Value, count, days, number, seconds
from xl_kpi.sources.export_profiles import recognise
from xl_kpi.sources.export_rows import read_sheet
from xl_kpi.sources.export_sheets import Grid, read_export
from xl_kpi.sources.merging import whole_numbers

TYPICAL = ["张敏", "汇总", "延迟统计", "-", "NaN", "100%%", "6,25%", "62.5%", "0.625", "16分3秒", "1:02:03",
           "2026-10-05", "20261005", "", "  ", "1e309", "-0", "１２", "#DIV/0!"]  # fmt: skip
CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 10**18), st.floats(), st.text(max_size=8),
    st.sampled_from(TYPICAL), st.datetimes(), st.dates(), st.times(), st.timedeltas(),
)  # fmt: skip
PERIOD = dt.date(2026, 10, 1), dt.date(2026, 10, 31)


@given(CELLS)
@settings(max_examples=300, deadline=None)
def test_a_cell_is_a_figure_a_doubt_or_blank(cell):
    for read in (number(cell), seconds(cell), count(cell, money=False), count(cell, money=True)):
        if isinstance(read, Value):
            assert math.isfinite(read.number)
    whole = count(cell, money=False)
    assert not isinstance(whole, Value) or (whole.number >= 0 and whole.number == int(whole.number))
    found = days(cell)
    assert found is None or found[0] <= found[1]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_rows_under_a_known_header(data):
    block = BLOCKS[data.draw(st.sampled_from(sorted(BLOCKS)))]
    start = next(n for n, row in enumerate(block.rows) if len(row) > 1)
    width = len(block.rows[start])
    junk = data.draw(st.lists(st.lists(CELLS, max_size=width), max_size=6))
    grid = Grid(block.file, block.sheet, [*block.rows[: start + 1 + ("接待评价" in block.file)], *junk])
    try:
        found = recognise(grid, block.chosen)
    except InputError:
        return
    reading = read_sheet(found, period=PERIOD, shops=["一店"])
    for figure in reading.figures:
        assert math.isfinite(figure.value)
        assert figure.value >= 0
        assert figure.account not in ("汇总", "均值")
    assert reading.figures or reading.problems


@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.json", "a.parquet"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_as_a_file(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(content)
    try:
        file = read_export(path)
    except InputError:
        return
    for grid in file.grids:
        try:
            recognise(grid)
        except InputError:
            continue


@given(st.integers(1, 3000), st.integers(0, 3000), st.integers(2, 6))
def test_a_count_recovered_from_its_rate_is_the_count(of, part, decimals):
    part = min(part, of)
    found = whole_numbers(round(part / of, decimals), decimals, of)
    assert part in found  # so if there is only one, it is the right one
