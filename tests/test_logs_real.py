"""The public logs, against csv, openpyxl and pandas; skipped where XL_KPI_DATA is not set."""

import csv
import datetime as dt
import gzip
import os
import time
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from xl_kpi.sources.logs import SHOP, agent_figures, read_log, session_counts


def by_key(counts):
    """Counts as {(date, person, count): value}, zeros left out."""
    return {
        (row["date"].date(), row["person_id"], name): row[name]
        for row in counts.to_dict("records")
        for name in counts.columns[2:]
        if row[name]
    }


def real_file(name):
    folder = os.environ.get("XL_KPI_DATA")
    if not folder:
        pytest.skip("XL_KPI_DATA does not name the folder with the public logs")
    return Path(folder) / name


def test_the_real_service_desk():
    path = real_file("call_center_pwc.xlsx")
    log = read_log(path)
    assert (len(log.sessions), log.notes, len(log.doubts), len(log.excluded)) == (5000, [], 0, 0)
    assert log.sessions["person_id"].nunique() == 8
    assert log.sessions["date"].dt.to_period("M").nunique() == 3

    expected = Counter()
    talk = 0
    header, *rows = openpyxl.load_workbook(path)["call_data"].iter_rows(values_only=True)
    for cells in rows:
        row = dict(zip(header, cells, strict=True))
        for name, value in {
            "received_customers": 1,
            "raised_problems": 1,
            "replied_customers": row["Answered (Y/N)"] == "Y",
            "solved_problems": row["Resolved"] == "Y",
            "first_response_seconds": row["Speed of answer in seconds"] or 0,
            "first_responses": row["Speed of answer in seconds"] is not None,
            "rating_sum": row["Satisfaction rating"] or 0,
            "ratings": row["Satisfaction rating"] is not None,
        }.items():
            expected[dt.date.fromisoformat(row["Date"]), row["Agent"], name] += value
        expected[dt.date.fromisoformat(row["Date"]), row["Agent"], "duty_days"] = 1
        if (spoken := row["AvgTalkDuration"]) is not None:
            talk += spoken.hour * 3600 + spoken.minute * 60 + spoken.second
    counts = session_counts(log.sessions)
    assert by_key(counts) == {key: value for key, value in expected.items() if value}
    assert log.sessions["duration_seconds"].sum() == talk

    shop = agent_figures(log.sessions).loc[SHOP]
    assert shop["reply_rate"] == 0.8108
    assert shop["first_responses"] == 4054
    assert round(shop["response_time"], 2) == 67.52
    assert shop["solved_problems"] / shop["raised_problems"] == 0.7292
    assert round(shop["rating_sum"] / shop["ratings"], 4) == 3.4036


def test_the_real_bank():
    path = real_file("anonymous_bank_1999_02.tsv.gz")
    started = time.perf_counter()
    log = read_log(path)
    assert time.perf_counter() - started < 5  # about 0.4 s where nothing else runs

    outcomes, doubts = Counter(), Counter()
    answered, waited = Counter(), Counter()
    with gzip.open(path, "rt", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            outcomes[row["outcome"]] += 1
            doubts["vru_time：是负数"] += int(row["vru_time"]) < 0
            if row["outcome"] == "AGENT":
                doubts["server：已接起却没有客服"] += row["server"] == "NO_SERVER"
                doubts["ser_time：已接起却是 0"] += int(row["ser_time"]) == 0
                answered[row["server"]] += 1
                waited[row["server"]] += int(row["q_time"])
            elif row["outcome"] == "HANG":
                doubts["ser_time：未接起却有值"] += int(row["ser_time"]) > 0
    assert outcomes == {"AGENT": 27162, "HANG": 5904, "PHANTOM": 278}
    assert (doubts["server：已接起却没有客服"], doubts["vru_time：是负数"]) == (491, 25)

    assert log.doubts["reason"].value_counts().to_dict() == doubts
    assert log.counts_by_reason == {**doubts, "outcome：PHANTOM，不是来电": 278}
    assert (len(log.sessions), len(log.excluded)) == (33066, 278)
    figures = agent_figures(log.sessions)
    shop = figures.loc[SHOP]
    assert shop["received_customers"] == 27162 + 5904
    assert shop["reply_rate"] == 27162 / 33066
    assert shop["response_time"] == sum(waited.values()) / 27162
    del answered["NO_SERVER"], waited["NO_SERVER"]
    people = figures.drop(index=SHOP)
    assert people["received_customers"].to_dict() == answered
    assert people["first_response_seconds"].to_dict() == waited
    assert (people["reply_rate"] == 1).all()
    counts = session_counts(log.sessions)
    assert counts["received_customers"].sum() == 27162 - 491
    assert counts.groupby("person_id")["replied_customers"].sum().to_dict() == answered


def totals(counts, names):
    """Sums of counts by person."""
    return counts.groupby("person_id")[names].sum().astype(float)


def test_the_service_desk_in_pandas_alone():
    path = real_file("call_center_pwc.xlsx")
    raw = pd.read_excel(path, sheet_name="call_data", engine="openpyxl")
    answered = raw["Answered (Y/N)"] == "Y"
    expected = (
        pd.DataFrame({
            "person_id": raw["Agent"],
            "received_customers": 1,
            "replied_customers": answered,
            "first_response_seconds": raw["Speed of answer in seconds"].fillna(0),
            "first_responses": raw["Speed of answer in seconds"].notna(),
            "rating_sum": raw["Satisfaction rating"].fillna(0),
            "ratings": raw["Satisfaction rating"].notna(),
            "raised_problems": 1,
            "solved_problems": raw["Resolved"] == "Y",
        }).groupby("person_id").sum().astype(float)
    )  # fmt: skip
    counts = session_counts(read_log(path).sessions)
    pd.testing.assert_frame_equal(totals(counts, list(expected.columns)), expected)
    days = raw.groupby("Agent")["Date"].nunique().astype(float)
    assert totals(counts, ["duty_days"])["duty_days"].to_dict() == days.to_dict()


def test_the_bank_in_pandas_alone():
    path = real_file("anonymous_bank_1999_02.tsv.gz")
    raw = pd.read_csv(path, sep="\t")
    served = raw[(raw["outcome"] == "AGENT") & (raw["server"] != "NO_SERVER")]
    by_day = served.groupby(["date", "server"]).agg(
        received_customers=("call_id", "size"),
        first_response_seconds=("q_time", "sum"),
    )
    counts = session_counts(read_log(path).sessions)
    found = counts.assign(date=counts["date"].dt.strftime("%y%m%d").astype(int))
    found = found.set_index(["date", "person_id"])[list(by_day.columns)]
    assert found.astype(int).to_dict("index") == by_day.astype(int).to_dict("index")
    assert (counts["replied_customers"] == counts["received_customers"]).all()
    assert counts["received_customers"].sum() == len(served) == 27162 - 491
