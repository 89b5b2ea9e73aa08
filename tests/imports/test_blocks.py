"""Every kind of export, rebuilt from its header, gives exactly the counts written beside it."""

import pytest
from export_blocks import BLOCKS
from export_files import counts, table, write

from xl_kpi.excel.importing import import_files


@pytest.mark.parametrize("name", BLOCKS)
def test_a_clean_file_gives_its_counts_and_no_warning(name, book, tmp_path):
    block = BLOCKS[name]
    path = write(tmp_path, block)

    outcome = import_files(book, [path], block.chosen, block.period)

    assert [p for p in outcome.problems if p.severity != "note" and "延迟统计" not in p.what] == []
    assert counts(book) == block.counts
    assert counts(book, "shops", "店铺") == block.shops
    assert {one.profile for one in outcome.imported} == {block.profile}
    assert {one.rule for one in outcome.imported} == {block.rule}
    if block.days:
        assert {tuple(map(str, one.days)) for one in outcome.imported} == {block.days}
    there = {(row["基准类型"], row["指标"]): row["数值"] for row in table(book, "benchmarks")}
    assert {key: there.get(key) for key in block.benchmarks} == block.benchmarks
    pay = {(row["工号"], label): value for row in table(book, "roster") for label, value in row.items()}
    assert {key: pay.get(key) for key in block.pay} == block.pay


@pytest.mark.parametrize("name", [name for name in BLOCKS if name != "A5 接待评价"])  # groups are runs
def test_the_order_of_columns_does_not_matter(name, book, tmp_path):
    block = BLOCKS[name]
    start = next(n for n, row in enumerate(block.rows) if len(row) > 1)
    width = len(block.rows[start])
    turned = [
        row if len(row) == 1 else [row[n] for n in [*reversed(range(width))]] for row in block.rows
    ]

    import_files(book, [write(tmp_path, block, turned)], block.chosen, block.period)

    assert counts(book) == block.counts
    assert counts(book, "shops", "店铺") == block.shops
