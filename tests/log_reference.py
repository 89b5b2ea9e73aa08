"""Raw logs → counts, slowly: rules.md §1 sentence by sentence over lists of dicts.

Nothing here comes from the package.  Rows are dicts with the columns of the log tables; moments are
``datetime``; money is whole fen, seconds are whole thousandths, so that sums are exact.
"""

import datetime as dt
from collections import defaultdict

DAY = dt.timedelta(days=1)


REQUIRED = {
    "chats": ("session_id", "shop", "buyer_id", "started", "buyer_messages", "agent_messages"),
    "orders": ("order_id", "shop", "buyer_id", "ordered", "amount"),
    "payments": ("payment_id", "order_id", "paid", "paid_amount"),
    "refunds": ("refund_id", "order_id", "refunded", "refunded_amount"),
    "ratings": ("rating_id", "person_id", "rated", "rating"),
    "inspections": ("inspection_id", "person_id", "inspected", "passed"),
}
MOMENT = {
    "chats": "started", "orders": "ordered", "payments": "paid", "refunds": "refunded",
    "ratings": "rated", "inspections": "inspected",
}  # fmt: skip


def day_of(moment):
    """A chat, order, payment belongs to the calendar day of its (first) moment."""
    return moment.date()


def days_between(earlier, later):
    return (day_of(later) - day_of(earlier)).days


class Reference:
    """``table``: {(day, person): {count: value}}; ``dropped``: {(table, id, reason)}."""

    def __init__(self, logs, rules, first, last, people, as_of):
        self.rules, self.first, self.last, self.people = rules, first, last, people
        self.dropped = set()
        self.chats = self.usable("chats", "session_id", logs["chats"])
        self.orders = self.usable("orders", "order_id", logs["orders"])
        self.payments = self.usable("payments", "payment_id", logs["payments"])
        self.refunds = self.usable("refunds", "refund_id", logs["refunds"])
        self.ratings = self.usable("ratings", "rating_id", logs["ratings"])
        self.inspections = self.usable("inspections", "inspection_id", logs["inspections"])
        self.order_of = {order["order_id"]: order for order in self.orders}
        self.table = defaultdict(lambda: defaultdict(int))
        self.unowned = defaultdict(lambda: [0, 0, 0])
        for order in self.orders:
            order["chat"] = self.attributed(order)
            order["person"] = order["chat"] and order["chat"]["person_id"]
        self.pay()
        self.count_chats()
        self.count_orders(as_of)
        self.count_the_rest()

    # --- rows that cannot be used

    def usable(self, table, key, rows):
        kept, seen = [], set()

        def place(row):  # of rows with one id the first in the order of their cells counts
            cells = (row[name] for name in sorted(row) if name != "deleted")
            return [(cell is not None, 0 if cell is None else cell) for cell in cells]

        for row in sorted(rows, key=lambda row: (row[key] is not None, row[key] or "", place(row))):
            if row.get("deleted"):
                self.drop(table, row, "deleted")
            elif any(row[name] is None for name in REQUIRED[table]):
                self.drop(table, row, "incomplete")
            elif row[key] in seen:
                self.drop(table, row, "duplicate")
            else:
                seen.add(row[key])
                kept.append(dict(row))
        return kept

    def drop(self, table, row, reason):
        moment = row[MOMENT[table]]
        if moment is None or self.first <= day_of(moment) <= self.last:
            self.dropped.add((table, row[REQUIRED[table][0]], reason))

    # --- attribution

    def talked(self, chat):
        return chat["person_id"] is not None and chat["agent_messages"] > 0

    def same_customer(self, one, other):
        return (one["shop"], one["buyer_id"]) == (other["shop"], other["buyer_id"])

    def leads_to(self, chat, order):
        """The order came in that shop from that buyer, after the chat began, in the window."""
        return (
            self.same_customer(chat, order)
            and chat["started"] <= order["ordered"]
            and days_between(chat["started"], order["ordered"]) <= self.rules["order_days"]
        )

    def attributed(self, order):
        """The last agent who talked with that buyer in that shop before the order."""
        found = [c for c in self.chats if self.talked(c) and self.leads_to(c, order)]
        return max(found, key=lambda chat: (chat["started"], chat["session_id"]), default=None)

    def pay(self):
        """Payment counts up to four days later; by another agent's doing it is assisted."""
        for order in self.orders:
            order["in_time"] = []
        for payment in self.payments:
            order = self.order_of.get(payment["order_id"])
            if order is None:
                self.drop("payments", payment, "no_order")
                continue
            payment["order"] = order
            late = days_between(order["ordered"], payment["paid"]) > self.rules["payment_days"]
            if payment["paid"] < order["ordered"] or late:
                self.drop("payments", payment, "not_in_time")
                continue
            order["in_time"].append(payment)
            day = day_of(payment["paid"])
            self.add(day, order["person"], "sales", payment["paid_amount"])
            between = [
                chat for chat in self.chats
                if self.talked(chat) and self.same_customer(chat, order)
                and order["ordered"] < chat["started"] <= payment["paid"]
            ]  # fmt: skip
            if between and order["person"] is not None:
                last = max(between, key=lambda chat: (chat["started"], chat["session_id"]))
                if last["person_id"] != order["person"]:
                    amount = payment["paid_amount"]
                    self.add(day, last["person_id"], "assisted_amount", amount)

    # --- counts

    def add(self, day, person, name, value):
        known = self.people is None or person in self.people
        if person is not None and known and self.first <= day <= self.last:
            self.table[day, person][name] += value

    def reason(self, chat):
        if chat["person_id"] is None:
            return "nobody"
        if self.people is not None and chat["person_id"] not in self.people:
            return "unknown"
        bought = any(
            self.same_customer(chat, p["order"]) and p["paid"] < chat["started"]
            and days_between(p["paid"], chat["started"]) <= self.rules["after_sales_days"]
            for p in self.payments if "order" in p
        )  # fmt: skip
        orders_again = any(self.leads_to(chat, order) for order in self.orders)
        if self.rules["after_sales"] and bought and not orders_again:
            return "after_sales"
        if self.rules["advert"] and (chat["advert_phrases"] or 0) >= self.rules["advert_times"]:
            return "advert"
        lines_of_the_day = sum(
            other["buyer_messages"] for other in self.chats
            if self.same_customer(chat, other)
            and day_of(other["started"]) == day_of(chat["started"])
        )  # fmt: skip
        one_line = chat["buyer_messages"] == 1 and lines_of_the_day == 1
        if (
            self.rules["one_liner"] and one_line
            and chat["agent_messages"] >= self.rules["one_liner_replies"]
        ):  # fmt: skip
            return "one_liner"
        had_ordered = any(
            self.same_customer(chat, order) and order["ordered"] < chat["started"]
            and days_between(order["ordered"], chat["started"]) <= self.rules["order_days"]
            for order in self.orders
        )  # fmt: skip
        return "follow_up" if had_ordered and not orders_again else ""

    def count_chats(self):
        received, replied, inquiring = (defaultdict(set) for _ in range(3))
        for chat in self.chats:
            day, person = day_of(chat["started"]), chat["person_id"]
            if not self.first <= day <= self.last:
                chat["reason"] = "outside"
                continue
            reason = chat["reason"] = self.reason(chat)
            if reason not in ("", "follow_up"):
                self.drop("chats", chat, reason)
            if reason in ("nobody", "unknown"):
                continue
            self.table[day, person]["duty_days"] = 1
            filtered = reason in ("after_sales", "advert", "one_liner")
            if filtered and not self.rules["filtered_are_received"]:
                continue
            customer = chat["shop"], chat["buyer_id"]
            received[day, person].add(customer)
            if chat["agent_messages"] > 0:
                replied[day, person].add(customer)
            if reason == "":
                inquiring[day, person].add(customer)
            self.add_chat(day, person, chat)
        for name, customers in (
            ("received_customers", received), ("replied_customers", replied),
            ("inquiring_customers", inquiring),
        ):  # fmt: skip
            for key, found in customers.items():
                self.table[key][name] = len(found)

    def add_chat(self, day, person, chat):
        first = chat["first_response_seconds"] if chat["agent_messages"] > 0 else None
        values = {
            "sessions": 1,
            "agent_messages": chat["agent_messages"],
            "buyer_messages": chat["buyer_messages"],
            "response_seconds": chat["response_seconds"] or 0,
            "replies": chat["replies"] or 0,
            "first_response_seconds": first or 0,
            "first_responses": first is not None,
            "answered_in_30s": first is not None and first <= 30_000,
            "answered_in_60s": first is not None and first <= 60_000,
            "answered_in_3min": first is not None and first <= 180_000,
            "raised_problems": chat["resolved"] is not None,
            "solved_problems": chat["resolved"] is True,
        }
        for name, value in values.items():
            self.add(day, person, name, int(value))

    def count_orders(self, as_of):
        customers = defaultdict(lambda: defaultdict(set))
        for order in self.orders:
            day, person = day_of(order["ordered"]), order["person"]
            if person is None:
                continue
            paid = sum(payment["paid_amount"] for payment in order["in_time"])
            at_once = any(day_of(payment["paid"]) == day for payment in order["in_time"])
            ripe = day + DAY * self.rules["payment_ripe_days"] <= as_of
            self.add(day, person, "orders", 1)
            self.add(day, person, "valid_orders", bool(order["in_time"]))
            self.add(day, person, "abnormal_orders", order["abnormal"] is True)
            self.add(day, person, "placed_amount", order["amount"])
            self.add(day, person, "paid_amount", paid)
            customer = order["shop"], order["buyer_id"]
            of = customers[day, person]
            of["ordering_customers"].add(customer)
            if order["in_time"]:
                of["paying_customers"].add(customer)
                if ripe:
                    of["final_paying_customers"].add(customer)
            if at_once and not ripe:
                of["same_day_paying_customers"].add(customer)
            if ripe and not order["in_time"]:
                self.add(day, person, "lost_amount", order["amount"])
            stranger = self.people is not None and person not in self.people
            if stranger and self.first <= day <= self.last:
                for place, value in enumerate((1, order["amount"], paid)):
                    self.unowned[person][place] += value
            self.count_inquiry(order, customer, customers)
        for (day, person), sets in customers.items():
            for name, found in sets.items():
                self.add(day, person, name, len(found))
            if day + DAY * self.rules["payment_ripe_days"] <= as_of:
                lost = len(sets["ordering_customers"]) - len(sets["paying_customers"])
                self.add(day, person, "lost_customers", lost)

    def count_inquiry(self, order, customer, customers):
        """Orders of customers who inquired, by the day of the inquiry."""
        chat = order["chat"]
        if chat["reason"] == "":
            of = customers[day_of(chat["started"]), order["person"]]
            if order["in_time"]:
                of["converted_customers"].add(customer)
            if day_of(chat["started"]) == day_of(order["ordered"]):
                of["same_day_ordering_customers"].add(customer)

    def count_the_rest(self):
        for refund in self.refunds:
            order = self.order_of.get(refund["order_id"])
            if order is None:
                self.drop("refunds", refund, "no_order")
            else:
                day = day_of(refund["refunded"])
                self.add(day, order["person"], "refunded_amount", refund["refunded_amount"])
        for row in self.ratings:
            day, person = day_of(row["rated"]), row["person_id"]
            self.add(day, person, "rating_sum", row["rating"])
            self.add(day, person, "ratings", 1)
            self.add(day, person, "satisfied_ratings", row["rating"] >= 4000)
            self.add(day, person, "praised_ratings", row["rating"] >= 5000)
        for row in self.inspections:
            day, person = day_of(row["inspected"]), row["person_id"]
            self.add(day, person, "inspections", 1)
            self.add(day, person, "passed_inspections", row["passed"] is True)


def lines_of(messages, phrase):
    """What a chat's messages say: lines, replies, waits; seconds in thousandths."""
    lines = {
        "buyer_messages": 0, "agent_messages": 0, "advert_phrases": 0,
        "first_response_seconds": None, "response_seconds": None, "replies": 0,
    }  # fmt: skip
    asked, before = None, None
    for message in sorted(messages, key=lambda m: (m["sent"], m["message_id"])):
        if not message["from_agent"]:
            lines["buyer_messages"] += 1
            if before != "buyer":
                asked = message["sent"]
            before = "buyer"
            continue
        lines["agent_messages"] += 1
        if phrase and phrase in (message["text"] or ""):
            lines["advert_phrases"] += 1
        if before == "buyer":
            wait = round((message["sent"] - asked).total_seconds() * 1000)
            lines["replies"] += 1
            lines["response_seconds"] = (lines["response_seconds"] or 0) + wait
            if lines["first_response_seconds"] is None:
                lines["first_response_seconds"] = wait
        before = "agent"
    return lines
