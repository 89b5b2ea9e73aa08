"""The texts of the diagnosis, Chinese and English, and how its figures are written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

# By key of a finding or verdict: what and fix in Chinese, what and fix in English.
TEXTS: Mapping[str, tuple[str, str, str, str]] = {
    "flat_full": (
        "“{indicator}”拉不开差距：近 {months} {unit}得分的变异系数 {variations}（低于 {limit}），{full} 的人次满分；"
        "权重 {weight}，实际权重 {effective}",
        "目标太容易：按“目标”表提高目标，或把权重移给能拉开差距的指标；是底线要求就改成扣分项",
        "“{indicator}” does not tell people apart: variation of points {variations} in the last {months} {unit} "
        "(below {limit}), {full} have full marks; weight {weight}, effective weight {effective}",
        "The target is too easy: raise it (sheet Targets), move the weight, or make it a deduction if it is a must",
    ),
    "flat": (
        "“{indicator}”拉不开差距：近 {months} {unit}得分的变异系数 {variations}（低于 {limit}）；"
        "权重 {weight}，实际权重 {effective}",
        "分段分得更细，或换一个指标，或把权重移给能拉开差距的指标",
        "“{indicator}” does not tell people apart: variation of points {variations} in the last {months} {unit} "
        "(below {limit}); weight {weight}, effective weight {effective}",
        "Finer bands, another indicator, or move the weight to one that tells people apart",
    ),
    "nothing": (
        "近 {months} {unit}没有一个人得分或扣分：{indicators}",
        "没有发生就不用管；发生了没有记，就补行为表。它们不区分高低",
        "Nobody gained or lost a point in the last {months} {unit}: {indicators}",
        "Fine if nothing happened; else put the events down. They tell nobody apart",
    ),
    "flat_so_far": (
        "“{indicator}”得分的变异系数 {variations}（低于 {limit}），但只有 {months} {unit}",
        "满 {needed} {unit}再定（R28）",
        "“{indicator}”: variation of points {variations} (below {limit}), but only {months} {unit}",
        "Decide when there are {needed} {unit} (R28)",
    ),
    "against": (
        "“{indicator}”和同板块其余指标方向相反：题总相关 {r}（{low} 到 {high}，{people} 人）：别的指标好的人，这项反而差",
        "看是不是顾此失彼（如快了就马虎）；目标换个口径，或两项一起看",
        "“{indicator}” runs against the rest of its block: item-total correlation {r} ({low} to {high}, {people} people)",
        "Perhaps one is bought with the other (fast but careless): look at both together",
    ),
    "apart": (
        "“{indicator}”和同板块其余指标走不到一起：题总相关 {r}（{low} 到 {high}，低于 {r_limit}；{people} 人）",
        "它量的是另一回事：确实要考核就留着，不是就换掉",
        "“{indicator}” does not go with the rest of its block: item-total correlation {r} ({low} to {high}, below "
        "{r_limit}; {people} people)",
        "It measures something else: keep it if that is meant",
    ),
    "target_easy": (
        "“{indicator}”的目标 {target} 太容易：{tried} 人次里 {made} 次达到（{share}，区间 {low}–{high}）",
        "建议 {proposed}：按这 {months} 个月，{would} 的人次能达到；是底线要求就留着，但不给权重",
        "“{indicator}”: the target {target} is too easy: {made} of {tried} made it ({share}, interval {low}–{high})",
        "Proposed: {proposed}, which {would} would have made in these {months} months; if it is a must, keep it unweighted",
    ),
    "target_top": (
        "“{indicator}”的目标 {target} 人人能达到：{tried} 人次里 {made} 次（{share}，区间 {low}–{high}），已经没有可提高的余地",
        "是底线要求就留着，但不给权重，或改成扣分项；权重移给能拉开差距的指标",
        "“{indicator}”: all make the target {target}: {made} of {tried} ({share}, interval {low}–{high}); it cannot be raised",
        "If it is a must, keep it unweighted or as a deduction; move the weight to what tells people apart",
    ),
    "target_hard": (
        "“{indicator}”的目标 {target} 够不着：{tried} 人次里只有 {made} 次达到（{share}，区间 {low}–{high}）",
        "建议 {proposed}：按这 {months} 个月，{would} 的人次能达到；以后逐步提高",
        "“{indicator}”: the target {target} is out of reach: {made} of {tried} made it ({share}, interval {low}–{high})",
        "Proposed: {proposed}, which {would} would have made in these {months} months; raise it step by step",
    ),
    "penalty_all": (
        "“{indicator}”的扣分线 {target} 几乎人人碰到：{tried} 人次里只有 {made} 次没扣（{share}，区间 {low}–{high}）",
        "建议 {proposed}：按这 {months} 个月，{would} 的人次不扣；先查数据和口径对不对",
        "“{indicator}”: nearly all fall below the penalty line {target}: {made} of {tried} do not ({share}, interval "
        "{low}–{high})",
        "Proposed: {proposed}, which {would} would have kept in these {months} months; check the data first",
    ),
    "sample_small": (
        "“{indicator}”常常样本太小：{small} 的人次不到 {least} 个（{sample}，中位数 {median}），一个月的误差约 ±{error}",
        "把最低样本设为 {least} 以上（误差 ±5% 要 {proposed} 个），或改按季度考核",
        "“{indicator}” often stands on few cases: {small} of the figures have fewer than {least} (median {median}); "
        "the error of a month is about ±{error}",
        "Set the minimum sample to {least} or more (±5 % takes {proposed}), or assess it by quarter",
    ),
    "sample_small_plain": (
        "“{indicator}”常常样本太小：{small} 的人次不到 {least} 个（{sample}，中位数 {median}）",
        "把最低样本设为 {least} 以上，或改按季度考核",
        "“{indicator}” often stands on few cases: {small} of the figures have fewer than {least} (median {median})",
        "Set the minimum sample to {least} or more, or assess it by quarter",
    ),
    "sample_luck": (
        "“{indicator}”人与人的差别多半可以是运气：超出偶然的只占 {real}（{people} 人，每人每月中位数 {median} 个，误差约 ±{error}）",
        "不要拿它排名次；提高最低样本（误差 ±5% 要 {proposed} 个），或改按季度考核",
        "“{indicator}”: the differences between people can mostly be luck: {real} is more than chance ({people} people, "
        "median {median} cases, error about ±{error})",
        "Do not rank by it; raise the minimum sample (±5 % takes {proposed}), or assess it by quarter",
    ),
    "unusual_short": (
        "只有 {months} 个月，看不出哪个月异常", "满 {needed} 个月再看",
        "Only {months} months: nothing can be called unusual", "Look again when there are {needed} months",
    ),
    "unusual_person": (
        "{who} {period} 的“{item}”是 {value}，按本人平常和当月大家的水平应在 {usual} 左右（{change}）",
        "核对这个月的数据、导入和考勤；确有原因就记入校准或说明",
        "{who} {period}: “{item}” is {value}, about {usual} would be usual for them and the month ({change})",
        "Check the data of the month, imports and attendance; if there is a reason, put it down",
    ),
    "unusual_month": (
        "{period} 全体的“{item}”是 {value}，其他月份 {usual} 左右（{change}）",
        "大促等特殊月份：在方案里用条件排除，或换比较月份（R12）；否则查导入是否齐全",
        "{period}: “{item}” of everybody is {value}, in the other months about {usual} ({change})",
        "A festival month: exempt it or compare with another one (R12); else check that the imports are complete",
    ),
    "padding_counts": (
        "{who} 的答问比 {ratio}，同事的中位数 {usual}（{peers} 人）；客服消息 {part}，买家消息 {whole}；{scored}",
        "值得看一看：抽几段会话，看是不是拆句、刷快捷语；答问比设上限或不计分",
        "{who}: message ratio {ratio}, colleagues' median {usual} ({peers} people); {part} agent messages to {whole}; "
        "{scored}",
        "Worth a look: read some chats for split or stock phrases; cap the ratio, or do not score it",
    ),
    "advert_counts": (
        "{who} 的接待里 {ratio} 不算询单（{part} / {whole}），同事的中位数 {usual}（{peers} 人）",
        "值得看一看：用广告语过滤的会话是不是真广告；属实，主管在指标数据“确认滥用”填 是（R04）",
        "{who}: {ratio} of the received are no inquiries ({part} of {whole}), colleagues' median {usual} ({peers} people)",
        "Worth a look: were the filtered chats adverts? If not, the manager confirms the abuse (R04)",
    ),
    "advert_log": (
        "{who} 的会话里 {ratio} 被广告过滤（{part} / {whole}），同事的中位数 {usual}（{peers} 人）",
        "值得看一看：证据表列出这些会话，买家说话最多的在前；属实，主管在指标数据“确认滥用”填 是（R04）",
        "{who}: {ratio} of the chats are filtered as adverts ({part} of {whole}), colleagues' median {usual} "
        "({peers} people)",
        "Worth a look: the sheet Evidence lists the chats; if they are none, the manager confirms the abuse (R04)",
    ),
    "silent_counts": (
        "{who} 的付款顾客里 {ratio} 没有询过单（{part} / {whole}），同事的中位数 {usual}（{peers} 人）",
        "值得看一看：静默订单是不是挂到了自己名下；口径里静默订单不归个人",
        "{who}: {ratio} of the paying customers never inquired ({part} of {whole}), colleagues' median {usual} "
        "({peers} people)",
        "Worth a look: silent orders may have been taken for their own; they should belong to nobody",
    ),
    "silent_log": (
        "{who} 的订单里 {ratio} 买家下单前没有对他说过话（{part} / {whole}），同事的中位数 {usual}（{peers} 人）",
        "值得看一看：证据表列出这些订单；可规定买家开口的会话才归客服",
        "{who}: in {ratio} of the orders the buyer had said nothing to them ({part} of {whole}), colleagues' median "
        "{usual} ({peers} people)",
        "Worth a look: the sheet Evidence lists the orders; credit only chats in which the buyer spoke",
    ),
    "grabbing_counts": (
        "{who} 的协助金额是本人销售额的 {ratio}（{part} / {whole}），同事的中位数 {usual}（{peers} 人）",
        "值得看一看：是真的帮忙催付，还是付款前插一句；导入会话和订单可逐笔看",
        "{who}: the assisted amount is {ratio} of their sales ({part} of {whole}), colleagues' median {usual} "
        "({peers} people)",
        "Worth a look: help, or a line just before the payment? With chats and orders each one can be seen",
    ),
    "grabbing_log": (
        "{who} 的订单和协助里 {ratio} 是最后几分钟才插进来的（{part} / {whole}），同事的中位数 {usual}（{peers} 人）",
        "值得看一看：证据表列出这些订单，先接待的是同事；可规定归先接待的人，或按出力分",
        "{who}: in {ratio} of the credits they came in at the last minute ({part} of {whole}), colleagues' median "
        "{usual} ({peers} people)",
        "Worth a look: the sheet Evidence lists them; credit the first agent, or share by effort",
    ),
    "no_log": (
        "没有会话、订单明细，只能看汇总数，列不出每一笔", "把会话和订单填进工作簿，抢单、静默订单、广告过滤能逐笔列出",
        "No chats and orders in the book: only sums can be compared", "With them each case can be listed",
    ),
    "groups_differ": (
        "{level}之间“{item}”差得比内部大：{best} {high}，{worst} {low}，差 {apart} 个标准差，占全部差别的 {explained}"
        "（{people} 人，偶然概率 {chance}）；主要来自：{because}",
        "条件不同（流量、品类、班次）就按{level}排名或定目标；条件相同就是真的差距",
        "{item} differs more between than within ({level}): {best} {high}, {worst} {low}, {apart} standard deviations "
        "apart, {explained} of all differences ({people} people, chance {chance}); mostly from: {because}",
        "Where conditions differ (traffic, goods, shifts), rank or set targets inside it ({level}); else it is real",
    ),
    "no_shifts": (
        "没有班次：会话没有开始时间，或各人时段分不开，班次是否公平不能判断",
        "团队就是班次时，看团队一行；否则把会话（带开始时间）填进工作簿",
        "Shifts cannot be judged: no starting times of chats, or people work the same hours",
        "Where teams are shifts, see the rows of teams; else put chats with starting times into the book",
    ),
    "rank_groups": (
        "“{indicator}”在不到 {least} 人的组里排名（{level}）：{groups}：名次差一位，多半不是本事差",
        "合并小组，改为部门或全体排名，或按分数定等",
        "“{indicator}” is ranked in groups of fewer than {least} ({level}): {groups}: a place says little there",
        "Merge the groups, rank in the department or everybody, or grade by score",
    ),
}

# Verdicts that are no finding.
VERDICTS: Mapping[str, tuple[str, str]] = {
    "flat_full": ("拉不开：多数满分", "flat: mostly full marks"),
    "flat": ("拉不开", "flat"),
    "nothing": ("没有发生", "nothing happened"),
    "flat_so_far": ("拉不开，月份不够", "flat, too few months"),
    "against": ("方向相反", "runs against"),
    "apart": ("与其余不一致", "apart from the rest"),
    "tells_apart": ("能区分", "tells apart"),
    "no_figures": ("没有数", "no figures"),
    "few_people": ("人太少，不判断", "too few people"),
    "target_easy": ("太容易", "too easy"),
    "target_top": ("太容易：已到顶", "too easy, cannot rise"),
    "target_hard": ("够不着", "out of reach"),
    "penalty_all": ("几乎人人扣分", "nearly all deducted"),
    "target_fits": ("合适或还说不准", "fits, or not sure"),
    "sample_small": ("样本太小", "too small"),
    "sample_small_plain": ("样本太小", "too small"),
    "sample_luck": ("差别多半是运气", "mostly luck"),
    "sample_fits": ("够", "enough"),
    "unusual_person": ("个人异常", "person"),
    "unusual_month": ("整月异常", "whole month"),
    "worth_a_look": ("值得看一看", "worth a look"),
    "as_others": ("和同事差不多", "as others"),
    "groups_differ": ("差别大", "differs"),
    "groups_alike": ("没有超出偶然", "no more than chance"),
}

LABELS: Mapping[str, tuple[str, str]] = {
    "title": ("诊断", "Diagnosis"),
    "overview": ("概览", "Overview"),
    "discrimination": ("区分度", "Discrimination"),
    "targets": ("目标", "Targets"),
    "samples": ("样本", "Samples"),
    "unusual": ("异常月份", "Unusual months"),
    "signals": ("异常信号", "Signals"),
    "fairness": ("公平", "Fairness"),
    "evidence": ("证据", "Evidence"),
    "limits": ("门槛", "Thresholds"),
    "nothing": ("没有发现。", "Nothing was found."),
    "notes": ("须知", "Notes"),
    "question": ("问题", "Question"),
    "asks": ("看什么", "What it asks"),
    "warnings": ("值得看", "Worth a look"),
    "note_count": ("说明", "Notes"),
    "severity": ("级别", "Level"),
    "scheme": ("方案", "Scheme"),
    "where": ("位置", "Where"),
    "what": ("情况", "What"),
    "fix": ("建议", "Proposal"),
    "months": ("月份", "Months"),
    "of_month": ("个月", "months"),
    "of_quarter": ("个季度", "quarters"),
    "of_year": ("年", "years"),
    "indicator": ("指标", "Indicator"),
    "block": ("板块", "Block"),
    "people": ("人数", "People"),
    "heads": (" 人", " people"),
    "weight": ("权重", "Weight"),
    "effective": ("实际权重", "Effective weight"),
    "mean": ("平均", "Mean"),
    "mean_points": ("平均得分", "Mean points"),
    "variations": ("得分变异系数（逐月）", "Variation of points by month"),
    "value_variation": ("数值变异系数", "Variation of values"),
    "full_share": ("满分占比", "Full marks"),
    "r": ("题总相关", "Item-total r"),
    "interval": ("区间", "Interval"),
    "verdict": ("判断", "Verdict"),
    "kind": ("哪条线", "Line"),
    "target": ("目标", "Target"),
    "pass_line": ("达标线", "Pass line"),
    "penalty_line": ("扣分线", "Penalty line"),
    "sales_target": ("任务", "Sales target"),
    "now": ("现值", "Now"),
    "tried": ("人次", "Figures"),
    "made": ("达到", "Made it"),
    "share": ("达标率", "Share"),
    "would": ("建议的达标率", "Would have made it"),
    "aim": ("建议：{share} 能达到", "Proposed for {share}"),
    "minimum": ("最低样本", "Minimum sample"),
    "sample": ("样本", "Sample"),
    "median": ("样本中位数", "Median sample"),
    "small": ("小样本占比", "Small samples"),
    "error": ("一个月的误差 ±", "Error of a month ±"),
    "real": ("超出偶然的差别", "More than chance"),
    "proposed_sample": ("误差 ±5% 要", "Needed for ±5 %"),
    "who": ("谁", "Who"),
    "everybody": ("全体", "everybody"),
    "everyone": ("全体", "everybody"),
    "period": ("月份", "Month"),
    "item": ("项目", "Item"),
    "value": ("数值", "Value"),
    "usual": ("平常", "Usual"),
    "change": ("偏离", "Off by"),
    "deviate": ("几个标准差", "Deviations"),
    "signal": ("信号", "Signal"),
    "source": ("来源", "Source"),
    "counts": ("指标数据", "Counts"),
    "log": ("会话、订单", "Chats, orders"),
    "padding": ("刷消息", "Message padding"),
    "advert": ("广告过滤", "Advert filter"),
    "silent": ("静默订单", "Silent orders"),
    "grabbing": ("抢单", "Grabbing"),
    "part": ("分子", "Numerator"),
    "whole": ("分母", "Denominator"),
    "ratio": ("比", "Ratio"),
    "usual_peers": ("同事中位数", "Colleagues' median"),
    "peers": ("同事数", "Colleagues"),
    "scored": ("方案按它计分", "the scheme scores it"),
    "not_scored": ("方案不按它计分", "the scheme does not score it"),
    "session_id": ("会话编号", "Session"),
    "order_id": ("订单编号", "Order"),
    "at": ("时间", "Time"),
    "buyer_id": ("买家", "Buyer"),
    "said": ("买家句数", "Buyer's lines"),
    "answered": ("客服句数", "Agent's lines"),
    "amount": ("金额", "Amount"),
    "level": ("分组", "Groups"),
    "group": ("组", "Group"),
    "shop": ("店铺", "Shop"),
    "team": ("团队", "Team"),
    "department": ("部门", "Department"),
    "role": ("岗位", "Role"),
    "shift": ("班次", "Shift"),
    "grade": ("等级", "Grades"),
    "total": ("总分", "Total score"),
    "received_customers": ("接待人数", "Received customers"),
    "sales": ("销售额", "Sales"),
    "pay": ("应发合计", "Pay"),
    "variable": ("浮动工资", "Variable pay"),
    "spread": ("组内标准差", "Spread within"),
    "apart": ("最高与最低差几个标准差", "Best and worst, deviations apart"),
    "explained": ("组间占比", "Between groups"),
    "chance": ("偶然概率", "Chance"),
    "threshold": ("门槛", "Threshold"),
    "figure": ("数", "Figure"),
    "because": ("依据", "From"),
    "why": ("为什么", "Why"),
    "chart_weights": ("权重与实际权重", "Weight and effective weight"),
    "chart_share": ("达标率", "Share who made the target"),
    "chart_groups": ("各组平均总分", "Mean score by group"),
}

# What each question asks, and how to read its sheet.
ASKS: Mapping[str, tuple[str, str]] = {
    "discrimination": (
        "哪些指标拉不开差距（R28）。变异系数 = 标准差 ÷ 均值；实际权重 = 这项决定了板块得分差别的多少；"
        "题总相关 = 这项与同板块其余各项之和的相关。",
        "Which indicators do not tell people apart (R28). Variation = standard deviation ÷ mean; effective weight = "
        "how much of the differences in the block's score comes from it; item-total r = correlation with the rest.",
    ),
    "targets": (
        "目标是不是太容易或够不着。区间是 Wilson 区间，同一个人的几个月不当作互不相干；建议按过去的数算，取整到容易的一边。",
        "Whether targets are too easy or out of reach. Wilson intervals, allowing for several months of one person; "
        "proposals come from past figures, rounded to the easier side.",
    ),
    "samples": (
        "数字是不是站在太少的样本上。超出偶然的差别 = 人与人的差别里运气解释不了的部分（I²）。",
        "Whether figures stand on too few cases. More than chance = the part of the differences that luck does not "
        "explain (I²).",
    ),
    "unusual": (
        "谁的哪个月、哪个整月，远离本人平常和当月大家的水平。只列超出偶然的。",
        "Whose month, or which whole month, is far from what is usual for the person and the month, beyond chance.",
    ),
    "signals": (
        "谁的数远高于所有同事，像是绕着规则走。这里不指责任何人，只说值得看一看；先看证据，再问本人。",
        "Whose figures are far above all colleagues', as if going round the rules. This accuses nobody: look at the "
        "evidence first, then ask.",
    ),
    "fairness": (
        "店铺、团队、班次之间的差别，是不是比内部的差别大；排名的组是不是太小。差别大不等于不公平，要看条件是否相同。不同岗位先拉到同一平均再比。",
        "Whether shops, teams and shifts differ more than people within them do; whether ranked groups are too small. "
        "A difference is not unfair by itself: see whether conditions are the same. Roles are set to the same mean first.",
    ),
}

SHIFTS: Mapping[str, str] = {"day": "白班", "evening": "晚班", "night": "夜班"}


def label(key: str, lang: str) -> str:
    """A label in Chinese or English."""
    return LABELS[key][lang == "en"]


def share(value: float, decimals: int = 1) -> str:
    """A share as a per cent: ``91.2%``."""
    if math.isnan(value):
        return "—"
    return "∞" if math.isinf(value) else f"{value:.{decimals}%}"


def signed(value: float) -> str:
    """A change as a per cent with its sign."""
    return f"{value:+.0%}"


def brief(value: float, unit: str) -> str:
    """A figure as one says it: per cents with one decimal, yuan in whole, others with four digits."""
    if math.isnan(value):
        return "—"
    if unit == "ratio":
        return f"{value * 100:.4g}%"
    if unit == "yuan":
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    return f"{value:.4g}"


def listed(texts: Sequence[str], lang: str = "zh") -> str:
    """Several in one line."""
    return ("、" if lang == "zh" else ", ").join(texts)
