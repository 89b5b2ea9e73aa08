"""Options of an indicator row, and that every scoring rule is really used."""

import copy

import numpy as np
import pytest
from case_files import MONTHS, evaluated, frames, read_case

from xl_kpi import indicators
from xl_kpi.audit import audit
from xl_kpi.pipeline import evaluate
from xl_kpi.scheme import Row
from xl_kpi.scheme_rows import make_scheme, preset_metrics, preset_rows


def scheme_with(scheme_id, metric, **changes):
    """A preset with one indicator's row changed."""
    rows = {key: list(value) for key, value in preset_rows(scheme_id).items()}
    for n, row in enumerate(rows["indicators"]):
        if row.get("metric") == metric:
            rows["indicators"][n] = Row({**row.values, **changes}, {}, "Z!A1")
    return make_scheme(rows, preset_metrics())


def results_with(name, metric, **changes):
    case = read_case(name)
    scheme = scheme_with(case["scheme"], metric, **changes)
    return evaluate(frames(case), scheme, case["period"])


def points(results, metric):
    scored = results.scored[metric]
    return dict(zip(results.people.ids, scored.points.reshape(-1, scored.cycles).tolist(), strict=True))


@pytest.mark.parametrize("rule", [r for r in indicators.SCORERS if r != "none"])
def test_hollowing_out_a_scoring_rule_changes_a_worked_month(rule, monkeypatch):
    before = [evaluated(read_case(name)).pay for name in MONTHS]
    monkeypatch.setitem(indicators.SCORERS, rule, lambda x: np.zeros(x.value.shape))
    after = [evaluated(read_case(name)).pay for name in MONTHS]

    assert any(
        not np.array_equal(a, b, equal_nan=True) for a, b in zip(before, after, strict=True)
    )


def test_a_metric_that_is_not_scored_earns_nothing():
    results = results_with("s01_team_month", "回复率", rule="none", penalty_line=None, below=None)

    assert np.isnan(results.scored["回复率"].points).all()


# Nobody raised a problem with Q05 in S05.


def test_if_missing_decides_what_a_missing_value_earns():
    metric, weight = "问题解决率", 10
    scores = {}
    for how in ("skip", "zero", "full"):
        results = results_with("s05_team_month", metric, if_missing=how)
        missing = np.isnan(results.figures.metric(metric, "month")) & results.people.assessed
        others = [s for name, s in results.scored.items() if name != metric]
        for s in others:
            missing &= ~np.isnan(s.points)
        row = int(np.flatnonzero(missing)[0])
        scores[how] = (results.scored[metric].points[row], results.blocks["综合得分"][row])
    # skip: its weight is shared out over the rest; zero: it earns nothing; full: all of it.
    rest = scores["skip"][1] * (100 - weight) / 100
    assert np.isnan(scores["skip"][0])
    assert scores["zero"] == (0, pytest.approx(rest))
    assert scores["full"] == (100, pytest.approx(rest + weight))


def test_an_error_for_a_missing_value_stops_a_summed_block():
    results = results_with("s01_team_month", "答问比", if_missing="error")
    scored = results.scored["答问比"]
    lacking = np.isnan(scored.points.reshape(-1, 4)).any(axis=1) & results.people.assessed
    whole = np.isnan(scored.monthly(scored.points)) & results.people.assessed

    assert lacking.any() or not whole.any()
    assert np.isnan(results.blocks["考核得分"][whole]).all()


def test_an_error_for_a_missing_value_stops_a_weighted_block_of_whom_it_is_about():
    def blank(**changes):
        results = results_with("s05_team_month", "问题解决率", **changes)
        scores = results.blocks["综合得分"]
        people = results.people
        return [one for one, x in zip(people.ids, scores, strict=True)
                if np.isnan(x) and people.assessed[people.ids.index(one)]]  # fmt: skip

    assert blank(if_missing="error") == ["Q05"]
    assert blank(if_missing="error", role="售后客服") == []


def test_below_the_minimum_sample_nobody_is_ranked_but_everybody_shown():
    results = results_with("s01_team_month", "顾客下单率", minimum_sample=300)
    scored = results.scored["顾客下单率"]
    few = (scored.sample < 300) & results.figures.assessed("week")

    assert few.any()
    assert np.isnan(scored.place[few]).all()
    assert np.isnan(scored.points[few]).all()
    assert not np.isnan(scored.value[few]).all()
    assert any("样本" in p.what and "少于 300" in p.what for p in audit(results))


def test_a_platform_floor_warns_and_alerts():
    results = results_with(
        "s05_team_month", "回复率", target="100%", alert_line="99.95%"
    )  # values below 99.95 % alert, between it and 100 % are told
    values = results.figures.metric("回复率", "month")[results.people.assessed]
    said = [p for p in audit(results) if "回复率" in p.what and "样本" not in p.what]

    assert sum("低于平台红线" in p.what for p in said) == np.sum(values < 0.9995)
    assert sum("未达目标" in p.what for p in said) == np.sum((values >= 0.9995) & (values < 1))
    assert said


def test_ties_can_share_the_points_of_their_places():
    case = read_case("s01_april_003")  # has weeks in which everybody is tied
    together = points(evaluated(case), "顾客下单率")
    shared = points(results_with("s01_april_003", "顾客下单率", ties="average"), "顾客下单率")
    weeks = [w for w in range(4) if {together[p][w] for p in together} == {3.0}]

    assert weeks
    assert all(shared[p][w] == 2.0 for p in shared for w in weeks)  # (3 + 2 + 1) / 3


def test_the_mean_of_people_is_another_average():
    case = read_case("s01_team_month")
    rows = [
        Row({**r.values, "average": "mean_of_people"}, {}, r.place)
        if r.get("metric") == "顾客下单率" else r
        for r in preset_metrics()
    ]  # fmt: skip
    scheme = make_scheme(preset_rows("S01"), rows)
    results = evaluate(frames(case), scheme, case["period"])
    scored = results.scored["顾客下单率"]
    shop = results.people.groups["shop"].codes
    mine = (shop == shop[0]) & results.people.assessed
    values = scored.value.reshape(-1, 4)[mine, 0]

    assert scored.group_average.reshape(-1, 4)[0, 0] == pytest.approx(np.nanmean(values))


def test_people_outside_the_period_are_left_out():
    case = copy.deepcopy(read_case("s05_team_month"))
    case["roster"][0]["left"] = np.datetime64("2026-09-30").astype(object)
    case["roster"][1]["hired"] = np.datetime64("2026-11-01").astype(object)

    ids = evaluated(case).people.ids

    assert case["roster"][0]["person_id"] not in ids
    assert case["roster"][1]["person_id"] not in ids
    assert case["roster"][2]["person_id"] in ids


def test_a_scheme_can_be_for_some_roles_only():
    case = read_case("s05_team_month")
    for n, row in enumerate(case["roster"]):
        row["role"] = "售前" if n % 2 else "售后"
    rows = {key: list(value) for key, value in preset_rows("S05").items()}
    rows["head"] = [*rows["head"], Row({"key": "适用岗位", "value": "售前"}, {}, "Z!A1")]
    results = evaluate(frames(case), make_scheme(rows, preset_metrics()), case["period"])

    roles = results.people.roster["role"].to_numpy()
    assert set(roles[results.people.assessed]) == {"售前"}


def test_reaching_a_target_that_must_be_exceeded_is_a_miss():
    results = evaluated(read_case("s03_peak_month"))
    rate = results.scored["3分钟回复率"]
    late = dict(zip(results.people.ids, indicators.behind(rate).tolist(), strict=True))

    assert {one for one, missed in late.items() if missed} == {"T01", "T03", "T04", "T05", "T07"}
    assert [rate.value[results.people.ids.index(one)] for one in ("T01", "T07")] == [0.98, 0.98]


def test_a_target_is_not_missed_on_a_sample_that_is_too_small():
    """C10: below the minimum the indicator is as missing, for counts of missed targets, too."""
    case = read_case("s03_peak_month")
    samples = {}
    for row in case["counts"]:
        if str(row["date"]).startswith(case["period"]):
            person = row["person_id"]
            samples[person] = samples.get(person, 0) + (row.get("sessions") or 0)
    minimum = sorted(samples[p] for p in ("T01", "T03", "T04", "T05", "T07"))[2]
    results = results_with("s03_peak_month", "3分钟回复率", minimum_sample=minimum)
    late = indicators.behind(results.scored["3分钟回复率"])
    found = {one for one, missed in zip(results.people.ids, late, strict=True) if missed}
    wanted = {p for p in ("T01", "T03", "T04", "T05", "T07") if samples[p] >= minimum}
    assert found == wanted
    met, missed = indicators.missed_names(results.scored, results.people.count)
    for row, person in enumerate(results.people.ids):
        if samples.get(person, 0) < minimum:
            assert "3分钟回复率" not in met[row] + missed[row]
