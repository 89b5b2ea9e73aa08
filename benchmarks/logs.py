"""Raw logs → counts: ours beside hand-written DuckDB SQL of the same work, and how both grow.

    uv run python benchmarks/logs.py DIR 1 10 [50]
    uv run python benchmarks/logs.py DIR --spark 10      (needs Java)

The numbers are millions of chats; DIR keeps the made logs between runs.  Every hand runs in a
process of its own: CPU seconds, wall seconds and peak memory are that process's.  Both must come to
the same sums, or the benchmark stops.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEOPLE_PER_MILLION = 722  # of 31 days make a million chats
HANDS = ("ours", "asof", "window")
SUMS = (
    "received_customers", "replied_customers", "inquiring_customers", "sessions", "agent_messages",
    "buyer_messages", "response_seconds", "first_responses", "orders", "ordering_customers",
    "paying_customers", "placed_amount", "paid_amount", "sales", "assisted_amount",
    "converted_customers", "same_day_ordering_customers", "refunded_amount", "ratings",
)  # fmt: skip

# Who talked last before the order: DuckDB's ASOF join, or an equality join cut to the window.
OWNERS = {
    "asof": """
        SELECT o.order_id, t.person_id, t.session_id AS chat, t.started AS chat_started
        FROM orders o ASOF JOIN talks t
          ON o.shop = t.shop AND o.buyer_id = t.buyer_id AND o.ordered >= t.started
        WHERE t.started >= date_trunc('day', o.ordered) - INTERVAL 1 DAY""",
    "window": """
        SELECT order_id, last.person_id, last.session_id AS chat, last.started AS chat_started
        FROM (
          SELECT o.order_id, max({'started': t.started, 'session_id': t.session_id,
                                  'person_id': t.person_id}) AS last
          FROM orders o JOIN talks t ON o.shop = t.shop AND o.buyer_id = t.buyer_id
           AND t.started <= o.ordered AND t.started >= date_trunc('day', o.ordered) - INTERVAL 1 DAY
          GROUP BY o.order_id)""",
}
STEPS = """
CREATE TABLE twice AS
  SELECT 'chats' AS t FROM chats GROUP BY hash(session_id) HAVING count(*) > 1
  UNION ALL SELECT 'orders' FROM orders GROUP BY hash(order_id) HAVING count(*) > 1
  UNION ALL SELECT 'payments' FROM payments GROUP BY hash(payment_id) HAVING count(*) > 1;
CREATE TABLE owner AS {owner};
CREATE TABLE paid AS
  SELECT p.payment_id, p.order_id, o.shop, o.buyer_id, o.ordered, p.paid,
         round(p.paid_amount * 100)::BIGINT AS fen,
         p.paid >= o.ordered
           AND p.paid < date_trunc('day', o.ordered) + INTERVAL 5 DAY AS in_time
  FROM payments p JOIN orders o USING (order_id);
CREATE TABLE owned AS
  SELECT o.order_id, o.shop, o.buyer_id, o.ordered, round(o.amount * 100)::BIGINT AS fen,
         w.person_id, w.chat, w.chat_started, s.paid
  FROM orders o LEFT JOIN owner w USING (order_id)
  LEFT JOIN (SELECT order_id, sum(fen) AS paid FROM paid WHERE in_time GROUP BY order_id) s
    USING (order_id);
DROP TABLE owner;
CREATE TABLE back AS
  WITH before AS (
    SELECT shop, buyer_id, ordered, paid FROM paid
    UNION ALL SELECT shop, buyer_id, ordered, NULL FROM orders ANTI JOIN paid USING (order_id))
  SELECT c.session_id, c.shop, c.buyer_id, c.started,
         bool_or(coalesce(b.paid < c.started
           AND c.started < date_trunc('day', b.paid) + INTERVAL 15 DAY, false)) AS bought
  FROM chats c JOIN before b ON c.shop = b.shop AND c.buyer_id = b.buyer_id
   AND b.ordered < c.started
  WHERE c.started < date_trunc('day', b.ordered) + INTERVAL 2 DAY
     OR (b.paid < c.started AND c.started < date_trunc('day', b.paid) + INTERVAL 15 DAY)
  GROUP BY ALL;
CREATE TABLE marks AS
  WITH again AS (
    SELECT b.session_id FROM back b JOIN orders o ON b.shop = o.shop AND b.buyer_id = o.buyer_id
    WHERE b.started <= o.ordered AND b.started >= date_trunc('day', o.ordered) - INTERVAL 1 DAY),
  single AS (
    SELECT session_id, shop, buyer_id, started::DATE AS day FROM chats
    WHERE buyer_messages = 1 AND agent_messages >= 3),
  more AS (
    SELECT s.session_id FROM single s JOIN chats c ON s.shop = c.shop AND s.buyer_id = c.buyer_id
     AND s.day = c.started::DATE WHERE s.session_id <> c.session_id AND c.buyer_messages > 0),
  last AS (SELECT session_id, bought FROM back ANTI JOIN again USING (session_id)),
  one AS (SELECT session_id FROM single ANTI JOIN more USING (session_id))
  SELECT c.session_id, c.person_id, c.started, CASE WHEN last.bought THEN 'after_sales'
    WHEN c.advert_phrases >= 2 THEN 'advert' WHEN one.session_id IS NOT NULL THEN 'one_liner'
    ELSE 'follow_up' END AS reason
  FROM chats c LEFT JOIN last USING (session_id) LEFT JOIN one USING (session_id)
  WHERE last.session_id IS NOT NULL OR one.session_id IS NOT NULL OR c.advert_phrases >= 2;
CREATE TABLE dropped AS
  SELECT session_id, person_id, started, reason FROM marks WHERE reason <> 'follow_up';
CREATE VIEW judged AS
  SELECT c.*, c.started::DATE AS day, m.reason FROM chats c LEFT JOIN marks m USING (session_id)
  WHERE coalesce(m.reason, 'follow_up') = 'follow_up';
CREATE TABLE t_chats AS
  SELECT person_id, day, count(*) AS sessions, sum(agent_messages) AS agent_messages,
         sum(buyer_messages) AS buyer_messages, sum(response_seconds) AS response_seconds,
         sum(replies) AS replies, sum(first_response_seconds) AS first_response_seconds,
         count(first_response_seconds) FILTER (agent_messages > 0) AS first_responses,
         count(*) FILTER (first_response_seconds <= 30) AS in30,
         count(*) FILTER (first_response_seconds <= 60) AS in60,
         count(*) FILTER (first_response_seconds <= 180) AS in180
  FROM judged GROUP BY ALL;
CREATE TABLE t_customers AS
  SELECT person_id, day, count(*) AS received_customers, sum(replied) AS replied_customers,
         sum(inquires) AS inquiring_customers
  FROM (SELECT person_id, day, shop, buyer_id, max((agent_messages > 0)::BIGINT) AS replied,
               max((reason IS NULL)::BIGINT) AS inquires FROM judged GROUP BY ALL)
  GROUP BY ALL;
CREATE TABLE t_orders AS
  SELECT person_id, day, sum(orders) AS orders, sum(placed) AS placed_amount,
         sum(paid) AS paid_amount, count(*) AS ordering_customers, sum(paying) AS paying_customers
  FROM (SELECT person_id, ordered::DATE AS day, shop, buyer_id, count(*) AS orders,
               sum(fen) AS placed, sum(coalesce(paid, 0)) AS paid,
               max((paid IS NOT NULL)::BIGINT) AS paying
        FROM owned WHERE person_id IS NOT NULL GROUP BY ALL)
  GROUP BY ALL;
CREATE TABLE t_inquiries AS
  SELECT person_id, day, sum(paying) AS converted_customers,
         sum(same_day) AS same_day_ordering_customers
  FROM (SELECT person_id, chat_started::DATE AS day, shop, buyer_id,
               max((paid IS NOT NULL)::BIGINT) AS paying,
               max((chat_started::DATE = ordered::DATE)::BIGINT) AS same_day
        FROM owned ANTI JOIN marks ON owned.chat = marks.session_id
        WHERE person_id IS NOT NULL GROUP BY ALL)
  GROUP BY ALL;
CREATE TABLE t_sales AS
  SELECT o.person_id, p.paid::DATE AS day, sum(p.fen) AS sales
  FROM paid p JOIN owned o USING (order_id)
  WHERE p.in_time AND o.person_id IS NOT NULL GROUP BY ALL;
CREATE TABLE t_assisted AS
  WITH pairs AS (
    SELECT p.payment_id, max({{'started': t.started, 'session_id': t.session_id,
                               'person_id': t.person_id}}) AS last
    FROM paid p JOIN talks t ON p.shop = t.shop AND p.buyer_id = t.buyer_id
     AND t.started > p.ordered AND t.started <= p.paid
    WHERE p.in_time GROUP BY p.payment_id)
  SELECT pairs.last.person_id AS person_id, p.paid::DATE AS day, sum(p.fen) AS assisted_amount
  FROM pairs JOIN paid p USING (payment_id) JOIN owned o USING (order_id)
  WHERE o.person_id <> pairs.last.person_id GROUP BY ALL;
CREATE TABLE t_refunds AS
  SELECT o.person_id, r.refunded::DATE AS day,
         sum(round(r.refunded_amount * 100)::BIGINT) AS refunded_amount
  FROM refunds r JOIN owned o USING (order_id) WHERE o.person_id IS NOT NULL GROUP BY ALL;
CREATE TABLE t_ratings AS
  SELECT person_id, rated::DATE AS day, sum(rating) AS rating_sum, count(*) AS ratings
  FROM ratings WHERE rated < TIMESTAMP '2026-11-01' GROUP BY ALL;
"""
VIEWS = """
CREATE VIEW chats AS FROM read_parquet('{folder}/chats.parquet') WHERE NOT deleted
  AND session_id IS NOT NULL AND shop IS NOT NULL AND buyer_id IS NOT NULL;
CREATE VIEW orders AS FROM read_parquet('{folder}/orders.parquet') WHERE NOT deleted;
CREATE VIEW payments AS FROM read_parquet('{folder}/payments.parquet');
CREATE VIEW refunds AS FROM read_parquet('{folder}/refunds.parquet');
CREATE VIEW ratings AS FROM read_parquet('{folder}/ratings.parquet');
CREATE VIEW talks AS SELECT shop, buyer_id, started, session_id, person_id FROM chats
  WHERE person_id IS NOT NULL AND agent_messages > 0;
"""
TALLIES = ("chats", "customers", "orders", "inquiries", "sales", "assisted", "refunds", "ratings")
MONEY = {"placed_amount", "paid_amount", "sales", "assisted_amount", "refunded_amount"}


def by_hand(folder: Path, form: str) -> dict[str, float]:
    """The sums of the counts by SQL."""
    import duckdb

    sums: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as connection:
        connection.execute("SET memory_limit = '1400MB'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = '{spill}'")
        script = VIEWS.format(folder=folder) + STEPS.format(owner=OWNERS[form])
        for statement in script.split(";"):
            if statement.strip():
                connection.execute(statement)
        for tally in TALLIES:
            frame = connection.execute(f"SELECT * FROM t_{tally}").df()
            for name in frame.columns[2:]:
                value = float(frame[name].sum())
                sums[name] = value / 100 if name in MONEY else value
    return sums


def by_us(folder: Path, connection: str = "") -> dict[str, float]:
    """The sums of the counts by ``counts_from``."""
    from xl_kpi.period import Period
    from xl_kpi.sources.definition import Definition
    from xl_kpi.sources.log_counts import counts_from

    counts = counts_from(folder, Definition(), Period("2026-10"), connection=connection)
    table = counts.table
    return {name: float(table[name].sum()) for name in table.columns[2:]}


def one_hand(hand: str, folder: Path) -> None:
    """Run in a process of its own; print what it took."""
    started = time.perf_counter()
    if hand == "spark":
        sums = by_us(folder, "local[2]")
        stop_spark()
    else:
        sums = by_us(folder) if hand == "ours" else by_hand(folder, hand)
    wall = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    report = {
        "cpu": sum(u.ru_utime + u.ru_stime for u in used), "wall": wall,
        "memory": max(u.ru_maxrss for u in used) / 2**20,
        "sums": {name: sums[name] for name in SUMS},
    }  # fmt: skip
    print(json.dumps(report))


def stop_spark() -> None:
    """End the Java process, so that its seconds are counted."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()


def made(folder: Path, millions: int) -> Path:
    """The logs of so many million chats."""
    target = folder / f"{millions}m"
    if not target.exists():
        from xl_kpi.sample_logs import plan_for, write_logs

        plan = plan_for("2026-10", 1, PEOPLE_PER_MILLION * millions, 1, traps=False)
        started = time.perf_counter()
        rows = write_logs(target, plan, "parquet")
        print(f"made in {time.perf_counter() - started:.0f} s: {rows}")
    return target


def main() -> None:
    """Compare the hands at every size, interleaved, the least of the rounds."""
    folder = Path(sys.argv[1])
    numbers = [word for word in sys.argv[2:] if word != "--spark"]
    on_spark = "--spark" in sys.argv
    for millions in map(int, numbers):
        logs = made(folder, millions)
        hands = ("ours", "spark") if on_spark else HANDS if millions <= 10 else ("ours",)
        best: dict[str, dict[str, float]] = {}
        sums = None
        for _ in range(3 if millions <= 10 and not on_spark else 1):
            for hand in hands:
                command = [sys.executable, __file__, "--hand", hand, str(logs)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise SystemExit(f"{hand}: {done.stderr[-2000:]}")
                report = json.loads(done.stdout)
                found = report.pop("sums")
                if sums is None:
                    sums = found
                wrong = {n: (sums[n], found[n]) for n in SUMS if abs(sums[n] - found[n]) > 0.005}
                if wrong and hand != "asof":  # ASOF leaves ties of a second to chance
                    raise SystemExit(f"{hand} differs: {wrong}")
                if hand not in best or report["cpu"] < best[hand]["cpu"]:
                    best[hand] = report
        for hand, report in best.items():
            print(f"{millions:3} M  {hand:7}" + "".join(
                f"  {name} {report[name]:8.2f}" for name in ("cpu", "wall", "memory")))  # fmt: skip
        if len(best) > 1 and not on_spark:
            peers = [report["cpu"] for hand, report in best.items() if hand != "ours"]
            print(f"{millions:3} M  ours ÷ best SQL {best['ours']['cpu'] / min(peers):.2f}")


if __name__ == "__main__":
    if sys.argv[1] == "--hand":
        one_hand(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
