"""A recognised export's rows as figures, with every doubt on the way.

Nothing is guessed: a cell that cannot be used is missing and told, a row that contradicts itself
or another one is left out and told, a summary row is no person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xl_kpi.cells import plain
from xl_kpi.errors import Problem, Severity, nearest
from xl_kpi.sources import export_cells as cells
from xl_kpi.sources.export_cells import Days, Doubt, Reading, Value, shown
from xl_kpi.sources.export_figures import Figure, SheetReading, export_rules, stake
from xl_kpi.sources.export_profiles import Check, Found
from xl_kpi.tables import BY_KEY

RULES = ("下单优先判定", "下单判定", "付款判定")
_NAMED = 5
_SHOWN = 40  # characters of a cell that cannot be read
_FILTERS = re.compile(r"(?:询单|售后|有效|窗口)[^，,；;\s_|]{0,8}?\d+\s*天|扣除?退款|扣除?邮费|含邮费|过滤[^，,；;\s_|]{0,8}")
_LEFT_OUT = "这些行没有导入；在文件里改正后再导入"
_AS_MISSING = "这些格按缺失处理，没有当成 0；在文件里改正后再导入"


@dataclass(slots=True)
class _Row:
    number: int  # as in the file
    label: str
    aliases: tuple[str, ...]
    days: Days
    shop: str
    counts: dict[str, float]
    checks: dict[str, tuple[float, int]]


def read_sheet(
    found: Found, *, period: Days | None = None, shops: Sequence[str] = (), titles: str = ""
) -> SheetReading:
    """The figures of a sheet.

    Args:
        found: The sheet and its profile.
        period: Only these days; all if not given.
        shops: The shops of the roster: which one a shop's rows without a name mean.
        titles: More text that may tell days and definition, such as the file's path.
    """
    return _Reader(found, period, shops, titles).reading


class _Reader:
    def __init__(
        self, found: Found, period: Days | None, shops: Sequence[str], titles: str
    ) -> None:
        self.found, self.profile, self.period = found, found.profile, period
        self.where = found.grid.where
        self.reading = SheetReading(found)
        above = [shown(c) for row in found.grid.rows[: found.header_row] for c in row]
        self.titles = [found.grid.file, found.grid.sheet, titles, *filter(None, above)]
        self._doubts: dict[tuple[str, str], list[str]] = {}
        self._data = list(self._filled())
        self._span: Days | None = None
        self._finest: dict[str, int] = {}  # decimals of a column: 62.5 beside 62.57 is 62.50
        self._totals: list[_Row] = []
        self._definition()
        self.default_days = self._default_days()
        self.default_shop = self._default_shop(shops)
        named = [shop for shop in shops if any(shop in text for text in self.titles)] or list(shops)
        self.only_shop = named[0] if len(named) == 1 else ""
        self.scales = {check.item: self._scale(check) for check in self._checks()}
        self._columns()
        self._usual_width = self._width_of_most()
        rows = list(self._rows())
        self.reading.rows = len(rows)
        self._keep(self._once(self._in_period(rows)))
        self._tell_doubts()

    # --- the sheet as a whole ---

    def _tell(self, what: str, fix: str, severity: Severity = "warning") -> None:
        self.reading.problems.append(Problem(self.where, what, fix, severity))

    def _definition(self) -> None:
        text = " ".join(self.titles)
        self.reading.rule = self.profile.rule or next((r for r in RULES if r in text), "")
        self.reading.filters = "、".join(dict.fromkeys(_FILTERS.findall(text)))
        if self.found.also:
            keys = "、".join(self.found.also)
            self._tell(f"按“{self.profile.label}”（{self.profile.key}）读取，也可能是 {keys}",
                       "不对就用 --as 指定", "note")  # fmt: skip
        if self.profile.note:
            self._tell(self.profile.note, "不用处理", "note")

    def _default_days(self) -> Days | None:
        """The days of rows without a date: from the title rows, the file name, the period."""
        if self.found.place(self.profile.date) is not None:
            return None
        for text in [*self.titles[3:], *self.titles[:3]]:
            if (days := cells.days(text) if text else None) is not None:
                return days
        for text in self.titles:
            if (days := cells.month(text) if text else None) is not None:
                return days
        if self.period is not None:
            self._tell(
                f"文件里、文件名里都没有日期，按 {self.period[0]} 至 {self.period[1]} 导入",
                "不对就改正期间后再导入", "warning",
            )  # fmt: skip
            return self.period
        self._tell("文件里、文件名里都没有日期", "写明期间：--period 2026-10", "error")
        return None

    def _default_shop(self, shops: Sequence[str]) -> str:
        if self.profile.table != "shops" or self.found.place(self.profile.shop) is not None:
            return ""
        named = [shop for shop in shops if any(shop in text for text in self.titles)]
        chosen = named if named else list(shops)
        if len(chosen) == 1:
            return chosen[0]
        self._tell(
            "看不出是哪个店铺的数据" + (f"：员工表里有 {'、'.join(chosen)}" if chosen else ""),
            "把店铺名写进文件名，或在文件里加“店铺”列", "error",
        )  # fmt: skip
        return ""

    def _checks(self) -> list[Check]:
        return [c for c in self.profile.checks if self.found.place(c.headers) is not None]

    def _columns(self) -> None:
        """Columns that are not used are told: unknown ones, and second names of one figure."""
        unused = []
        for headers in [*self.profile.counts.values(), *(c.headers for c in self.profile.checks)]:
            unused += [self.found.header[p] for p in self.found.places(headers)[1:]]
        known = [h for h in self.found.header if plain(h) in set(map(plain, self.profile.unused))]
        if unused or known:
            self._tell(f"没有用到的列：{'、'.join([*known, *unused])}", "不用处理", "note")
        if self.found.unknown:
            used = [h for hs in self.profile.counts.values() for h in hs]
            guesses = [(h, nearest(plain(h), used)) for h in self.found.unknown]
            told = [f"“{h}”" + (f"（是不是“{near}”？）" if near else "") for h, near in guesses]
            self._tell(
                f"不认得的列，没有导入：{'、'.join(told)}", "需要的话改成平台的原名再导入", "warning"
            )

    def _filled(self) -> Iterator[tuple[int, list[object]]]:
        """The rows below the header that hold anything, with their numbers in the file."""
        width = len(self.found.header)
        for offset, row in enumerate(self.found.grid.rows[self.found.header_row + 1 :]):
            if any(cell is not None and cell != "" and shown(cell) for cell in row):
                padded = [*row, *([None] * (width - len(row)))]
                yield self.found.header_row + 2 + offset, padded

    def _width_of_most(self) -> int:
        rows = self.found.grid.rows
        widths = Counter(len(rows[number - 1]) for number, _ in self._data)
        return widths.most_common(1)[0][0] if widths else 0

    def _broken(self, number: int) -> bool:
        """Whether a line of text was cut into too many cells; one that has too few is told."""
        cells_, width = self.found.grid.rows[number - 1], len(self.found.header)
        if any(map(shown, cells_[width:])) or len(cells_) > max(width, self._usual_width):
            self._doubt("格数比表头多，像是多了分隔符（比如没加引号的 1,234）", _LEFT_OUT, number)
            return True
        lost = self.found.header[len(cells_) :]
        if any(plain(header) in self.profile.figures for header in lost):
            self._doubt("格数比表头少，后面的数没有，像是断成了两行", _AS_MISSING, number)
        return False

    def _summary(self, row: Sequence[object]) -> str:
        """The label of a row that sums up others, else blank."""
        words: dict[str, str] = {plain(word): word for word in export_rules()["summaries"]}
        places = self.found.places((*self.profile.account, *self.profile.date, *self.profile.shop))
        for place in dict.fromkeys([*places, 0]):
            if (word := words.get(plain(shown(row[place])))) is not None:
                return word
        return ""

    def _scale(self, check: Check) -> str:
        """How a column writes ratios: ``fraction``, ``percent`` or ``mixed`` with the sign."""
        place = self.found.place(check.headers)
        if check.unit != "ratio" or place is None:
            return ""
        read = [cells.number(row[place]) for _, row in self._data if not self._summary(row)]
        values = [v for v in read if isinstance(v, Value) and v.number]
        plains = [v.number for v in values if not v.percent]
        if any(v.percent for v in values):
            return "mixed"
        above = sum(v > 1 for v in plains)
        if not above:
            return "fraction"
        return "percent" if above > len(plains) - above else "fraction"

    # --- rows ---

    def _rows(self) -> Iterator[_Row]:
        for number, row in self._data:
            if not self._counts_at_all(number, row) or self._broken(number):
                continue
            summary = self._summary(row)
            names = tuple(
                dict.fromkeys(filter(None, (shown(row[p]) for p in self.found.places(self.profile.account))))
            )
            if not summary and self.profile.account and not names:
                self._doubt("没有客服名", _LEFT_OUT, number)
                continue
            days = self._days_of(row, number, summary)
            if days is None:
                continue
            counts = self._counts(row, number, summary)
            checks, shifted = self._rates(row, number, summary)
            place = self.found.place(self.profile.shop)
            made = _Row(
                number, summary or (names[0] if names else ""), names[1:], days,
                shown(row[place]) if place is not None else self.default_shop, counts, checks,
            )  # fmt: skip
            if summary:
                self._summarise(made)
                continue
            if reason := shifted or self._shifted(counts):
                self._doubt(f"{made.label}：{reason}，像是整行错了一列", _LEFT_OUT, number)
                continue
            yield made

    def _counts_at_all(self, number: int, row: Sequence[object]) -> bool:
        if self.profile.only is None:
            return True
        header, values = self.profile.only
        place = self.found.place((header,))
        if place is None or plain(shown(row[place])) in map(plain, values):
            return True
        self._doubt(f"{header}不是“{'、'.join(values)}”", "没有计入，不用处理", number, "note")
        return False

    def _days_of(self, row: Sequence[object], number: int, summary: str) -> Days | None:
        place = self.found.place(self.profile.date)
        if self.default_days is not None or place is None:
            return self.default_days
        days = cells.days(row[place])
        if days is None and summary:
            return self._all_days()
        if days is None:
            self._doubt(f"日期“{shown(row[place])}”读不懂", _LEFT_OUT, number)
        return days

    def _all_days(self) -> Days | None:
        if self._span is None:
            place = self.found.place(self.profile.date)
            found = [cells.days(row[place]) for _, row in self._data] if place is not None else []
            told = [days for days in found if days is not None]
            self._span = (min(d[0] for d in told), max(d[1] for d in told)) if told else None
        return self._span

    def _cell(self, row: Sequence[object], headers: Sequence[str], number: int, money: bool) -> float | None:
        place = self.found.place(headers)
        if place is None:
            return None
        return self._value(cells.count(row[place], money=money), place, number)

    def _value(self, read: Reading, place: int, number: int) -> float | None:
        if isinstance(read, Value):
            return read.number
        if isinstance(read, Doubt):
            header = self.found.header[place]
            said = read.what if len(read.what) <= _SHOWN else read.what[:_SHOWN] + "…"
            if read.kind == "unripe":
                self._doubt(f"{header}：“{said}”，还没有定数", "定数以后重新导出、再导入", number)
            elif read.kind == "missing":
                self._doubt(f"{header}：“{said}”，没有数", "按缺失处理，没有当成 0", number, "note")
            else:
                self._doubt(f"{header}：“{said}”读不懂", _AS_MISSING, number)
        return None

    def _counts(self, row: Sequence[object], number: int, summary: str) -> dict[str, float]:
        table = BY_KEY[self.profile.table]
        found: dict[str, float] = {}
        for key, headers in self.profile.counts.items():
            money = table.column(key).unit in ("yuan", "s", "days")
            place = self.found.place(headers)
            if place is None:
                continue
            read = cells.count(row[place], money=money or bool(summary))
            value = read.number if summary and isinstance(read, Value) else None
            value = value if summary else self._value(read, place, number)
            if value is not None:
                found[key] = value
        if summary:
            return found
        for key, terms in self.profile.sums.items():
            values = [self._cell(row, term, number, money=False) for term in terms]
            if (total := _total(values)) is not None:
                found[key] = total
        for key, terms in self.profile.less.items():
            values = [self._cell(row, term, number, money=True) for term in terms]
            if None not in values:
                first, second = (float(v or 0.0) for v in values)
                if first >= second:
                    found[key] = round(first - second, 2)
                else:
                    names = [self.found.header[self.found.place(t) or 0] for t in terms]
                    self._doubt(f"“{names[1]}”大于“{names[0]}”", _AS_MISSING, number)
        return found

    def _rates(
        self, row: Sequence[object], number: int, summary: str
    ) -> tuple[dict[str, tuple[float, int]], str]:
        found: dict[str, tuple[float, int]] = {}
        shifted = ""
        for check in self._checks():
            place = self.found.place(check.headers)
            if place is None:
                continue
            cell = row[place]
            read = cells.seconds(cell) if check.unit == "s" else cells.number(cell)
            if check.unit == "ratio" and isinstance(read, Value) and not read.percent:
                read, reason = self._ratio(read, check, self.found.header[place])
                shifted = shifted or reason
            if isinstance(read, Value) and read.number < 0:
                read = Doubt("unclear", shown(cell))
            if summary and isinstance(read, Doubt):
                continue
            if shifted and isinstance(read, Doubt):
                continue  # the whole row is told
            value = self._value(read, place, number)
            if value is not None and isinstance(read, Value):
                found[check.item] = (value, read.decimals)
        return found, shifted

    def _ratio(self, read: Value, check: Check, header: str) -> tuple[Reading, str]:
        """A ratio without a sign, by how its column writes them; else a doubt."""
        value, scale = read.number, self.scales[check.item]
        said = f"{value:.15g}"
        if scale == "percent":
            if value > 1 or not value:
                return Value(value / 100, read.decimals + 2), ""
            return Doubt("unclear", said), ""
        if value and scale == "mixed":
            shifted = value > 1 and value.is_integer() and value < 100
            return Doubt("unclear", said), f"{header}是 {said}" if shifted else ""
        if value <= 1:
            return read, ""
        shifted = value.is_integer() and value < 100
        return Doubt("unclear", said), f"{header}是 {said}" if shifted else ""

    def _shifted(self, counts: Mapping[str, float]) -> str:
        table = BY_KEY[self.profile.table]
        for rule in export_rules()["shifted"]:
            small, large = counts.get(rule["smaller"]), counts.get(rule["larger"])
            if small is not None and large is not None and small > large:
                names = [table.column(rule[k]).zh for k in ("smaller", "larger")]
                return f"“{names[0]}”{small:.15g} 大于“{names[1]}”{large:.15g}"
        return ""

    def _summarise(self, row: _Row) -> None:
        rules = export_rules()
        kind = rules["benchmarks"].get(row.label)
        if kind is not None:
            for figure in self._figures(row, account=""):
                shop = figure.shop or self.only_shop
                self.reading.benchmarks.append((kind, replace(figure, shop=shop)))
        if row.label in rules["totals"]:
            self._totals.append(row)

    def _in_period(self, rows: Sequence[_Row]) -> list[_Row]:
        if self.period is None or self.profile.table == "roster":  # pay day is no period
            return list(rows)
        first, last = self.period
        kept: list[_Row] = []
        out: list[_Row] = []
        for row in rows:
            (kept if first <= row.days[0] and row.days[1] <= last else out).append(row)
        if out:
            days = f"{min(r.days[0] for r in out)} 至 {max(r.days[1] for r in out)}"
            what = f"{len(out)} 行的日期（{days}）不在期间 {first} 至 {last} 里，没有导入"
            self._tell(what, "确认选对了文件和期间", "warning" if kept else "error")
        return kept

    def _once(self, rows: Sequence[_Row]) -> list[_Row]:
        """Each account once a day: the same twice counts once, two that differ not at all."""
        if self.profile.key_column:
            return self._summed(rows)
        groups: dict[tuple[object, ...], list[_Row]] = {}
        for row in rows:
            groups.setdefault((row.label, row.days, row.shop), []).append(row)
        kept = []
        for group in groups.values():
            first, *others = group
            numbers = "、".join(str(r.number) for r in group)
            if all((r.counts, r.checks) == (first.counts, first.checks) for r in others):
                kept.append(first)
                if others:
                    self._tell(
                        f"“{first.label}” {_span(first.days)} 有 {len(group)} 行一样的（第 {numbers} 行），只计一次",
                        "不用处理", "note",
                    )  # fmt: skip
            else:
                self._tell(
                    f"“{first.label or first.shop}” {_span(first.days)} 有 {len(group)} 行，数却不一样"
                    f"（第 {numbers} 行），都没有导入：{_stake(group)}",
                    "在文件里只留对的一行，再导入", "warning",
                )  # fmt: skip
        return self._over_shops(kept)

    def _over_shops(self, rows: Sequence[_Row]) -> list[_Row]:
        """An account that serves several shops: its counts of a day added, without rates."""
        if not self.profile.account:
            return list(rows)
        table = BY_KEY[self.profile.table]
        added: dict[tuple[str, Days], _Row] = {}
        for row in rows:
            before = added.get((row.label, row.days))
            if before is None:
                added[(row.label, row.days)] = row
                continue
            counts = dict(before.counts)
            for key, value in row.counts.items():
                there = counts.get(key, 0.0)
                days = table.column(key).unit == "days"
                counts[key] = max(there, value) if days else round(there + value, 6)
            added[(row.label, row.days)] = _Row(
                before.number, row.label, row.aliases, row.days, f"{before.shop}、{row.shop}", counts, {}
            )
        return list(added.values())

    def _summed(self, rows: Sequence[_Row]) -> list[_Row]:
        """Rows of single orders added by day and shop, each key once."""
        place = self.found.place((self.profile.key_column,))
        data = dict(self._data)
        seen: set[str] = set()
        days: dict[tuple[object, ...], _Row] = {}
        for row in rows:
            cell = data[row.number][place] if place is not None else row.number
            if isinstance(cell, float) and abs(cell) >= 1e15:
                what = f"{self.profile.key_column}超过 15 位，被存成了数字，最后几位不可靠"
                self._doubt(what, "把这一列按文本格式重新导出", row.number)
            elif shown(cell) in seen:
                self._doubt(f"{self.profile.key_column}重复", "只计一次，不用处理", row.number, "note")
                continue
            seen.add(shown(cell))
            total = days.setdefault(
                (row.days, row.shop), _Row(row.number, "", (), row.days, row.shop, {}, {})
            )
            for key, value in row.counts.items():
                total.counts[key] = round(total.counts.get(key, 0.0) + value, 2)
        return list(days.values())

    # --- what is kept ---

    def _keep(self, rows: Sequence[_Row]) -> None:
        self._judge_totals(rows)
        for row in rows:
            for item, (_, decimals) in row.checks.items():
                self._finest[item] = max(decimals, self._finest.get(item, 0))
        busy = {row.label for row in rows if any(row.counts.values())}
        self.reading.idle = {row.label for row in rows} - busy
        left_out = 0
        for row in rows:
            if not row.counts and not row.checks:
                self._doubt("这一行没有任何能用的数", "不用处理", row.number, "note")
            idle = row.counts and not any(row.counts.values())
            if idle and row.label in busy and not self.profile.attendance:
                left_out += 1
                continue
            self.reading.aliases.setdefault(row.label, row.aliases)
            self.reading.figures += self._figures(row, account=row.label)
        if left_out:
            self._tell(f"{left_out} 行全是 0（当天没有接待），没有写入", "不用处理", "note")
        if rows:
            self.reading.days = min(r.days[0] for r in rows), max(r.days[1] for r in rows)
        elif not any(p.severity == "error" for p in self.reading.problems):
            self._tell("没有一行可以导入", "核对文件", "error")

    def _figures(self, row: _Row, account: str) -> Iterator[Figure]:
        start, end = row.days
        for item, value in row.counts.items():
            yield Figure(
                start=start, end=end, shop=row.shop, account=account, item=item, value=value, decimals=0
            )
        for item, (value, decimals) in row.checks.items():
            yield Figure(
                start=start, end=end, shop=row.shop, account=account, item=item, value=value,
                decimals=max(decimals, self._finest.get(item, 0)),
            )  # fmt: skip

    def _judge_totals(self, rows: Sequence[_Row]) -> None:
        """The platform's own totals against the sums of the rows that were read."""
        table = BY_KEY[self.profile.table]
        once = {(s.days, s.label, *sorted(s.counts.items())): s for s in self._totals}
        for summary in once.values() if self.profile.account else ():
            first, last = summary.days
            parts = [row for row in rows if first <= row.days[0] and row.days[1] <= last]
            for key, total in summary.counts.items():
                unit = table.column(key).unit
                values = [row.counts[key] for row in parts if key in row.counts]
                slack = 0.005 * max(1, len(parts) if unit == "yuan" else 1)
                if unit == "days" or not values or abs(sum(values) - total) <= slack:
                    continue
                self._tell(
                    f"“{table.column(key).zh}”各行合计 {sum(values):.15g}，{summary.label}行是 {total:.15g}",
                    "核对有没有少读的行；按各行导入", "warning",
                )  # fmt: skip

    def _doubt(self, what: str, fix: str, number: int, severity: Severity = "warning") -> None:
        numbers = self._doubts.setdefault((what, f"{severity}|{fix}"), [])
        if str(number) not in numbers[-1:]:
            numbers.append(str(number))

    def _tell_doubts(self) -> None:
        for (what, rest), numbers in self._doubts.items():
            severity, _, fix = rest.partition("|")
            named = "、".join(numbers[:_NAMED])
            more = f" 等 {len(numbers)} 行" if len(numbers) > _NAMED else ""
            level: Severity = "note" if severity == "note" else "warning"
            self._tell(f"{what}（第 {named} 行{more}）", fix, level)


def _total(values: Sequence[float | None]) -> float | None:
    return None if None in values else sum(v for v in values if v is not None)


def _span(days: Days) -> str:
    return str(days[0]) if days[0] == days[1] else f"{days[0]} 至 {days[1]}"


def _stake(rows: Sequence[_Row]) -> str:
    """What is lost with rows: their sales and receptions."""
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row.counts)
    return stake(total)
