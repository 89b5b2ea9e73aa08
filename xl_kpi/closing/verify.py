"""The closed months of a book read and proved: the chain, the kept months, the rows of 历史.

Every change by hand is found and named.  It is no seal: who can write every sheet can make a whole
new chain; the check code of the last month, kept elsewhere, shows that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import pandas as pd

from xl_kpi.checks import cell_of
from xl_kpi.closing.freezing import canonical, fingerprint, thaw
from xl_kpi.closing.ledger import GONE, PAY, Figure, Key, rows_of_history
from xl_kpi.closing.months import FROZEN, TYPED
from xl_kpi.closing.snapshot import (
    Chain,
    DamagedError,
    Snapshot,
    from_cells,
    hash_of,
    read_snapshot,
)
from xl_kpi.errors import Problem, capped
from xl_kpi.period import earlier
from xl_kpi.quantity import number
from xl_kpi.scheme_tables import METRICS, SCHEME_TABLES
from xl_kpi.tables import ARCHIVE, BY_KEY, CLOSINGS, HISTORY

_RESTORE = "从备份或归档的工作簿恢复；月结过的月份只能以后补差，不能改"


def read_chain(
    closings: pd.DataFrame, archive: pd.DataFrame, history: pd.DataFrame
) -> tuple[Chain, list[Problem]]:
    """The closed months, and everything that is not as the closings left it.

    Args:
        closings: The 月结 table.
        archive: The 月结存档 table.
        history: The 历史 table, all its rows.
    """
    problems: list[Problem] = []
    kept = _kept(archive, problems)
    chain = Chain()
    listed = closings[closings["period"].notna()].sort_values("period", kind="stable")
    for row in map(int, closings.index.get_indexer(listed.index)):
        period = closings["period"].iloc[row]
        found = kept.pop(period, None)
        if found is None:
            if not any(period in p.what for p in problems):
                where = cell_of(closings, CLOSINGS, "period", row)
                what = f"{period} 已月结，“{ARCHIVE.zh}”里却没有它的存档"
                problems.append(Problem(where, what, _RESTORE))
            continue
        snapshot, code = found
        problems += _of_month(chain, closings, row, snapshot, code)
        chain.add(snapshot, code)
    for period in sorted(kept):
        rows = archive["period"].eq(period).to_numpy().nonzero()[0]
        where = cell_of(archive, ARCHIVE, "period", int(rows[0]))
        what = f"{period} 有月结存档，“{CLOSINGS.zh}”表里它的那一行不见了"
        problems.append(Problem(where, what, _RESTORE))
    problems += capped(list(_of_history(chain, closings, history)), HISTORY.zh)
    return chain, problems


def digest(prints: Mapping[str, str], *, of_schemes: bool) -> str:
    """One fingerprint of the data, or of the schemes, that a month was paid on."""
    chosen = {
        name: value for name, value in prints.items()
        if (name.split("|")[0] not in (*FROZEN, TYPED)) == of_schemes
    }  # fmt: skip
    return hashlib.sha256(canonical(chosen)).hexdigest()[:16]


def _kept(archive: pd.DataFrame, problems: list[Problem]) -> dict[str, tuple[Snapshot, str]]:
    """What is kept of each month with its check code; what cannot be read is a problem."""
    found: dict[str, tuple[Snapshot, str]] = {}
    for period, rows in archive.groupby("period", sort=True):
        ordered = rows.sort_values("number", kind="stable")
        numbers, cells = ordered["number"].tolist(), ordered["content"].tolist()
        place = int(archive.index.get_indexer(ordered.index[:1])[0])
        where = cell_of(archive, ARCHIVE, "content", place)
        try:
            if numbers != list(range(1, len(numbers) + 1)):
                raise DamagedError("rows")
            data = from_cells([str(cell) for cell in cells])
            snapshot = read_snapshot(data)
        except DamagedError:
            what = f"{period} 的月结存档改动过或不完整，读不出来"
            problems.append(Problem(where, what, _RESTORE))
            continue
        if snapshot.period != period:
            what = f"这里写的是 {snapshot.period} 的存档，不是 {period}"
            problems.append(Problem(where, what, _RESTORE))
            continue
        found[str(period)] = snapshot, hash_of(data)
    return found


def _of_month(
    chain: Chain, closings: pd.DataFrame, row: int, snapshot: Snapshot, code: str
) -> Iterator[Problem]:
    """What is wrong with a month by itself and with its link to the one before."""

    def problem(key: str, what: str) -> Problem:
        return Problem(cell_of(closings, CLOSINGS, key, row), what, _RESTORE)

    period = snapshot.period
    if chain.last is None:
        if not snapshot.first:
            before = earlier(period, 1)
            yield problem("period", f"{period} 前面的月结记录（{before}）不见了，校验码接不上")
    elif snapshot.first or snapshot.previous != chain.hashes[-1]:
        missing = earlier(period, 1)
        if chain.last.period != missing:
            yield problem("period", f"{missing} 的月结记录不见了，{period} 的校验码接不上")
        else:
            yield problem("previous", f"{period} 接不上 {missing}：{missing} 的月结存档改动过")
    said = closings.iloc[row]
    if said["hash"] != code:
        what = f"{period} 的月结存档和校验码对不上：{_which(snapshot, said)}改动过"
        yield problem("hash", what)
        return
    labels = {column.key: column.zh for column in CLOSINGS.columns}
    for key, value in line(snapshot, chain).items():
        now = said[key] if isinstance(said[key], str) or said[key] == said[key] else None
        if now != value:
            shown, right = (_shown(v) for v in (now, value))
            yield problem(key, f"“{labels[key]}”改动过：现在是 {shown}，月结时是 {right}")


def _which(snapshot: Snapshot, said: pd.Series) -> str:
    """Which part of a month no longer has its fingerprint."""
    for name, content in snapshot.parts.items():
        try:
            same = fingerprint(thaw(content)) == snapshot.prints.get(name)
        except (KeyError, ValueError, TypeError, AttributeError):  # no longer a table at all
            same = False
        if not same:
            return f"其中的{_part(name)}"
    if digest(snapshot.prints, of_schemes=True) != said["parameters"]:
        return "方案参数"
    if digest(snapshot.prints, of_schemes=False) != said["inputs"]:
        return "原始数据"
    return "存档"


def _part(name: str) -> str:
    """A part of the input or of a scheme as HR knows it."""
    table, _, month = name.partition("|")
    if table in BY_KEY:
        return f"“{BY_KEY[table].zh}”{month}"
    scheme, _, key = table.partition("_")
    label = next((t.zh for t in (*SCHEME_TABLES, METRICS) if t.key == (key or scheme)), table)
    return f"方案参数（{scheme} {label}）" if key else f"方案参数（{label}）"


def line(snapshot: Snapshot, chain: Chain) -> dict[str, object]:
    """What the 月结 table says of a month, but for its check code.

    Args:
        snapshot: The month.
        chain: The months closed before it.
    """
    own = {key: figure for key, figure in snapshot.figures if key.period == snapshot.period}
    pay = [figure.value or 0.0 for key, figure in own.items() if key.item == PAY]
    return {
        "period": snapshot.period, "schemes": "、".join(snapshot.schemes),
        "people": float(len({key.person_id for key in own})), "pay": round(sum(pay), 2),
        "true_ups": booked_true_ups(snapshot, chain), "closed": snapshot.closed, "closed_by": snapshot.closed_by or None,
        "accepted": "；".join(snapshot.accepted) or None, "version": snapshot.version,
        "code": snapshot.code or None,
        "rows": float(len(snapshot.figures)),
        "inputs": digest(snapshot.prints, of_schemes=False),
        "parameters": digest(snapshot.prints, of_schemes=True),
        "previous": snapshot.previous or None,
    }  # fmt: skip


def booked_true_ups(snapshot: Snapshot, chain: Chain) -> float:
    """What a closing books of the pay of months before it, in yuan."""
    booked: dict[Key, float] = {}
    for before in chain.snapshots:
        booked |= {key: f.value or 0.0 for key, f in before.figures if key.item == PAY}
    late = [(k, f) for k, f in snapshot.figures if k.item == PAY and k.period != snapshot.period]
    return round(sum((f.value or 0.0) - booked.get(k, 0.0) for k, f in late), 2) + 0.0


# --- 历史 ------------------------------------------------------------------------------------------


def _of_history(chain: Chain, closings: pd.DataFrame, history: pd.DataFrame) -> Iterator[Problem]:
    """Rows of 历史 that are not as the closings wrote them, in the order of the sheet."""
    closed = {*chain.periods, *closings["period"].dropna()}
    wanted: dict[tuple[Key, str], Figure] = {
        (key, snapshot.period): figure
        for snapshot in chain.snapshots for key, figure in snapshot.figures
    }  # fmt: skip
    for row, (key, figure, booked) in enumerate(rows_of_history(history)):
        if not all(isinstance(part, str) for part in key):
            continue  # a cell that must not be blank: the table's own check names it
        if booked is None:
            if key.period in closed:
                what = f"{key.period} 已月结，这一行是后来加的，或“入账期间”被删掉了"
                yield Problem(
                    cell_of(history, HISTORY, "period", row), what,
                    "删去这一行；要补发或扣回，改原始数据或写在校准、补扣表，差额记在以后的月份",
                )  # fmt: skip
            continue
        right = wanted.pop((key, booked), None)
        if right is None:
            if booked in chain.periods:
                yield Problem(
                    cell_of(history, HISTORY, "item", row),
                    f"{booked} 月结时没有这一行（{_named(key)}）：加上去的，或期间、工号、项目改动过",
                    "改回来，或删去这一行",
                )  # fmt: skip
            elif booked not in closed:
                yield Problem(
                    cell_of(history, HISTORY, "booked", row), f"{booked} 还没有月结，不能有入账的行",
                    "手工补的以前月份，“入账期间”留空",
                )  # fmt: skip
        elif right != figure:
            key_of_cell = "word" if right.word != figure.word else "value"
            yield Problem(
                cell_of(history, HISTORY, key_of_cell, row),
                f"{_named(key)} 改动过：现在是 {_of(figure)}，{booked} 月结时是 {_of(right)}",
                f"改回 {_of(right)}；该补发或扣回的，改原始数据或写在校准、补扣表",
            )  # fmt: skip
    for (key, booked), figure in wanted.items():
        yield Problem(
            HISTORY.zh, f"少了 {booked} 月结时的一行：{_named(key)} = {_of(figure)}",
            f"补回这一行（入账期间 {booked}），或从备份恢复",
        )  # fmt: skip


def _named(key: Key) -> str:
    return f"{key.period} {key.person_id} “{key.item}”"


def _of(figure: Figure) -> str:
    if figure == GONE:
        return "空白"
    return f"“{figure.word}”" if figure.word is not None else f"{figure.value:.15g}"


def _shown(value: object) -> str:
    if value is None:
        return "空白"
    return number(value) if isinstance(value, float) else str(value)
