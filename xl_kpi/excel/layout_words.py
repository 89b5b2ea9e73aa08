"""What the template says to HR: titles, guidance, headings, notes; Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Words: TypeAlias = tuple[str, str]

# By sheet: tab, title, one sentence of guidance, what for (list on the home sheet).
SHEETS: Mapping[str, tuple[Words, Words, Words, Words]] = {
    "home": (
        ("首页", "Home"),
        ("客服绩效核算", "Customer-service KPIs and pay"),
        ("一本工作簿做一年，每月填表、检查、计算、月结；每个数字都能追到方案的条款。",
         "One book for a year: fill in, check, calculate, close each month; every number leads back to a clause."),
        ("", ""),
    ),
    "roster": (
        ("员工", "Staff"),
        ("员工", "Staff"),
        ("每人一行；工号不能重复，离职的人保留并填离职日期。",
         "One row per person; staff IDs are unique; keep leavers and fill in their last day."),
        ("谁参加考核，底薪和奖金基数", "Who is assessed, base pay and bonus base"),
    ),
    "accounts": (
        ("账号", "Accounts"),
        ("账号", "Accounts"),
        ("平台导出里的名字是谁：一个人可以有几个账号，换人就写日期；导入时认不出的名字会加在这里。",
         "Who a name in the exports is; several per person, dated; unknown names are added here."),
        ("平台账号属于谁", "Whose each platform account is"),
    ),
    "sessions": (
        ("会话", "Sessions"),
        ("会话（选填）", "Sessions (optional)"),
        ("有原始会话记录时贴在这里，程序自动汇总；没有就留空，直接填指标数据。",
         "Paste raw sessions here to have them counted; leave blank to fill in Counts yourself."),
        ("原始会话记录，选填", "Raw sessions, optional"),
    ),
    "orders": (
        ("订单", "Orders"),
        ("订单（选填）", "Orders (optional)"),
        ("有订单明细时贴在这里，程序按会话把订单归到客服；这时会话要填店铺、买家、时间和消息数。",
         "Paste orders here to have them given to agents by their sessions; sessions then need shop,"
         " buyer, time and messages."),
        ("订单明细，选填", "Orders, optional"),
    ),
    "counts": (
        ("指标数据", "Counts"),
        ("指标数据", "Counts"),
        ("按人按天或按周填合计数，周数据填该段第一天的日期；没有的数留空，不要填 0。",
         "Totals per person and day or week (dated by its first day); leave unknown cells blank."),
        ("接待、下单、付款等计数", "Receptions, orders, payments and other counts"),
    ),
    "ratings": (
        ("评分", "Ratings"),
        ("评分", "Ratings"),
        ("每个评分人对每个人的每一项打分占一行。",
         "One row per rater, person and rated item."),
        ("同事、上级、其他部门的打分", "Scores given by colleagues, superiors, other teams"),
    ),
    "events": (
        ("行为", "Events"),
        ("行为", "Events"),
        ("发生一次记一行；同一天同一事项可以合并，填次数。",
         "One row per event; the same event of one day can be one row with its number of times."),
        ("差评、表扬、晚班等加减分事项", "Bad reviews, praise, night shifts and so on"),
    ),
    "targets": (
        ("目标", "Targets"),
        ("目标", "Targets"),
        ("每人每月一行；考核对象必须有任务。",
         "One row per person and month; everybody who is assessed needs a target."),
        ("每人每月的销售任务", "Each person's sales target of the month"),
    ),
    "departments": (
        ("部门数据", "Departments"),
        ("部门数据", "Departments"),
        ("每个部门每月一行。", "One row per department and month."),
        ("部门的 DSR 评分", "The department's DSR"),
    ),
    "shops": (
        ("店铺数据", "Shops"),
        ("店铺数据", "Shops"),
        ("每个店铺每周（或每天）一行，全店口径，含静默下单。",
         "One row per shop and week (or day): the whole shop, silent orders included."),
        ("全店付款金额和人数", "Payments of the whole shop"),
    ),
    "calibrations": (
        ("校准", "Calibrations"),
        ("校准", "Calibrations"),
        ("有争议的数经复核后填批准值；原值保留在追溯里。整月的数不填周。",
         "A disputed figure, once approved, replaces the original, which stays in Trace."),
        ("复核后批准的数字", "Figures approved after a dispute"),
    ),
    "appeals": (
        ("申诉", "Appeals"),
        ("申诉", "Appeals"),
        ("员工对结果有异议的，一事一行：内容、依据、期限、答复；成立的，再到校准表或原始数据里改数。",
         "One row per objection: claim, evidence, due date, decision; if upheld, mend the figures."),
        ("员工的异议和答复", "Objections and their answers"),
    ),
    "closings": (
        ("月结", "Closings"),
        ("月结", "Closed months"),
        ("月结时由程序写入，请勿手改。校验码一月连一月；把它另存一份（邮件、打印），以后能证明没有改过。",
         "Written by a closing. The check codes are chained; keep the last one elsewhere as proof."),
        ("已发放的月份和校验码", "Months that were paid, with check codes"),
    ),
    "archive": (
        ("月结存档", "Archive"),
        ("月结存档", "Archive of closed months"),
        ("月结时由程序写入：当月的数据、方案和结果，压缩成文字；请勿改动。",
         "Written by a closing: the month's data, scheme and results, compressed; leave as it is."),
        ("每月月结的完整存档", "What each closing kept"),
    ),
    "true_ups": (
        ("往月差额", "True-ups"),
        ("往月差额", "True-ups of closed months"),
        ("由程序写入：月结过的月份，数据后来改动的，差多少、为什么；记入本期，已发的月份不改。",
         "Written by the program: what closed months pay more or less by now and why; paid this month."),
        ("月结过的月份该补发、扣回的", "What closed months still owe"),
    ),
    "refunds": (
        ("退款", "Refunds"),
        ("退款", "Refunds"),
        ("本期退掉的以前月份的销售；提成按原期间的比例和档位扣回，原期间的数取自历史表。",
         "Sales of earlier months refunded now; commission is taken back at the original rate."),
        ("以前月份销售的退款", "Refunds of earlier months' sales"),
    ),
    "adjustments": (
        ("补扣", "Adjustments"),
        ("补扣", "Adjustments"),
        ("专项奖、补发、罚款等一次性金额，扣款写负数，写明原因。",
         "Awards, back pay, fines: one-off amounts with their reason; deductions are negative."),
        ("专项奖、补发、罚款", "Awards, back pay, fines"),
    ),
    "history": (
        ("历史", "History"),
        ("历史（以前月份的结果）", "History of closed months"),
        ("月结时由程序写入，看往期的条款（连续几个月、季度均分、退款扣回）读这张表；以前的月份可以手工补，入账期间留空。",
         "Written by closings; rules that look back read this. Earlier months may be typed in."),
        ("以前月份的总分、等级、薪资", "Totals, grades and pay of past months"),
    ),
    "definition": (
        ("口径", "Definition"),
        ("口径（原始日志怎么数）", "Definition: how raw logs are counted"),
        ("会话、订单和导入的原始日志照这张表数：过滤、归属、到期；改了取值，口径指纹就变。",
         "Sessions, orders and imported raw logs are counted by this: filters, attribution, ripeness."),
        ("过滤、归属和到期的开关", "Switches of filters, attribution, ripeness"),
    ),
    "benchmarks": (
        ("基准", "Benchmarks"),
        ("基准", "Benchmarks"),
        ("导入时由程序写入，也可手填；方案的目标、达标线、加减分线可以写 同行同层均值 等，店铺空白 = 所有店铺。",
         "Written by imports or by hand; targets and lines can use these figures. No shop = all."),
        ("同行和全店的比较值", "Peers and the whole shop, to compare with"),
    ),
    "platform": (
        ("平台数据", "Platform"),
        ("平台数据", "Platform figures"),
        ("导入时由程序写入：每个账号的每个数来自哪个文件；指标数据由它们相加。",
         "Written by imports: each account's figures with their file; Counts are their sums."),
        ("导入的原始数字", "The imported figures"),
    ),
    "imports": (
        ("导入记录", "Imports"),
        ("导入记录", "Import log"),
        ("导入时由程序写入：文件、日期范围、判定方式；口径指纹不同的月份不能直接比较。",
         "Written by imports: file, days, definition; months of other definitions do not compare."),
        ("导入过的文件和口径", "Files imported, and by which definition"),
    ),
    "differences": (
        ("导入差异", "Differences"),
        ("导入差异", "Import differences"),
        ("导入时由程序写入：两份导出对不上的数，相差多少，采用了哪个，为什么。",
         "Written by imports: figures on which two exports disagree, which was taken and why."),
        ("对不上的数和采用的数", "Figures that disagree"),
    ),
    "calendar": (
        ("日程", "Calendar"),
        ("考核日程", "Calendar of the cycle"),
        ("每个周期照着做：谁、哪天、做到哪一步；按自己公司的日子改。",
         "The steps of every cycle: who, when, how far; change the days to your own."),
        ("考核流程的步骤和日期", "Steps and dates of the cycle"),
    ),
    "smart": (
        ("指标审查", "SMART check"),
        ("指标审查（SMART）", "SMART check of indicators"),
        ("新指标上线前逐条审查：具体、可度量、可实现、现实、有时限，并与员工协商一致。",
         "Before an indicator is used: specific, measurable, attainable, realistic, time-bound."),
        ("新指标上线前的审查", "Check of new indicators"),
    ),
    "raters": (
        ("评分人", "Raters"),
        ("评分人", "Raters"),
        ("六类评分人各评什么、占多少、什么时候培训过；权重写进方案的曲线才会参与计算。",
         "Six kinds of rater: what they rate, their weight, when trained."),
        ("六类评分人及培训", "Six kinds of rater"),
    ),
    "measures": (
        ("改进措施", "Measures"),
        ("改进措施", "Measures for missed indicators"),
        ("未达标的指标写进面谈表的措施；按自己公司的做法改，一项指标可以写几行。",
         "What the talk sheets propose for a missed indicator; change it, several rows are fine."),
        ("未达标指标的改进措施", "Measures for the talk sheets"),
    ),
    "metrics": (
        ("指标库", "Metrics"),
        ("指标库", "Metric library"),
        ("指标怎么算写在公式里，公式用各表的列名；新增指标就新增一行。",
         "How a metric is computed is its formula over column names; a new metric is a new row."),
        ("每个指标的公式和口径", "Every metric's formula and definition"),
    ),
    "scheme": (
        ("", ""),
        ("", ""),
        ("规则都在这张表里，改了就按新的算；中途改规则，请新增一行，并填生效日期、失效日期。",
         "All rules stand here. For a change at a date, fill in the dates and add a new row."),
        ("考核方案：指标、曲线、薪资项", "The scheme: indicators, curves, pay items"),
    ),
    "people": (
        ("个人结果", "People"),
        ("个人结果", "Results per person"),
        ("由程序写入，请勿手改；第 3 行是单位和合计，筛选后只算看得见的人。数据等明细列收起了：选中两侧的列，右键“取消隐藏”。右侧可以写备注，备注按行，不跟着人走。",
         "Written by the program. Row 3: units and totals, of what a filter shows. Counts are folded: select the columns beside them, right-click, Unhide."),
        ("每人的指标、得分、薪资", "Everybody's metrics, points and pay"),
    ),
    "sums": (
        ("部门合计", "Department totals"),
        ("部门合计", "Totals per department"),
        ("由程序写入：每个部门的人数、人均得分和金额合计；表头上方一行是全部部门的合计。",
         "Written by the program: people, average points and sums of money of each department."),
        ("每个部门的人数、人均得分、金额合计", "People, average points, money per department"),
    ),
    "departments_result": (
        ("部门结果", "Department results"),
        ("部门结果", "Results per department"),
        ("由程序写入：部门奖金怎么一步步算出来，代入了哪些数字。",
         "Written by the program: how the department's bonus comes about, step by step."),
        ("部门奖金池的计算过程", "How the department's pool comes about"),
    ),
    "weeks": (
        ("周积分", "Weeks"),
        ("周积分", "Points per week"),
        ("由程序写入：每人每周的数值、名次和得分。",
         "Written by the program: each person's values, places and points per week."),
        ("每周名次和得分", "Weekly places and points"),
    ),
    "trace": (
        ("追溯", "Trace"),
        ("追溯", "Trace"),
        ("由程序写入：每个数字的算式、参数单元格和依据的条款；按工号筛选查看某个人。",
         "Written by the program: each number's sum, parameter cell and clause; filter by person."),
        ("每个数字的算式和依据", "Each number's sum and clause"),
    ),
    "checks": (
        ("检查", "Checks"),
        ("检查", "Checks"),
        ("由程序写入：先改红色的错误，再看黄色的提醒；有错误时不会写入任何结果。",
         "Written by the program: mend errors first; nothing is written while there are any."),
        ("要改的地方和改法", "What to mend, and how"),
    ),
    "board": (
        ("看板", "Dashboard"),
        ("看板", "Dashboard"),
        ("由程序写入：图和下面的热力表每次计算后更新；按应发从高到低，图里最多 40 人。表里 √ 达标，× 未达标（没有目标的：√ 得分，× 扣分）。",
         "Written by a run: charts show the 40 best paid; below, √ met, × missed (or, without target, points won or lost)."),
        ("一页看懂本期：得分、薪资、达标、趋势", "The period at a glance: scores, pay, targets, trend"),
    ),
    "board_figures": (
        ("看板数据", "Dashboard data"),
        ("看板数据", "Dashboard data"),
        ("由程序写入：看板的图用到的数；每张表最多画 40 行。",
         "Written by a run: the figures behind the charts, of each table at most 40 rows."),
        ("看板的图用到的数", "The figures behind the charts"),
    ),
    "reconcile": (
        ("对账", "Reconciliation"),
        ("对账", "Reconciliation"),
        ("计算时由程序写入：用普通公式把结果逐人逐项重算一遍，与程序的结果比较。请先计算：xl-kpi run 本文件",
         "Written by a run: plain formulas calculate everything again. Run first: xl-kpi run BOOK"),
        ("普通公式逐人重算，和程序的结果比较", "Everything again in plain formulas, compared"),
    ),
    "functions": (
        ("函数", "Functions"),
        ("KPI 函数", "KPI functions"),
        ("在单元格里直接使用；每个例子旁边是应有的结果，不同就变红。显示“未启用”时请点首页的“诊断”。",
         "For use in any cell; beside each example stands what it must give. Off? Press Doctor."),
        ("每个函数的参数和例子", "Arguments and an example of each function"),
    ),
}  # fmt: skip

BACK: Words = ("← 首页", "← Home")

HOME: Mapping[str, Words] = {
    "settings": ("本期设置", "Settings"),
    "status": ("本期结果", "Result"),
    "steps": ("每月四步", "Four steps a month"),
    "sheets": ("工作表", "Sheets"),
    "colours": ("颜色", "Colours"),
    "input": ("填写", "fill in"),
    "result": ("程序写入，已锁定", "written by the program, locked"),
}

# Step, what to do, what to type.
STEPS: tuple[tuple[Words, Words, Words], ...] = (
    (("1  填表", "1  Fill in"),
     ("填好上方的期间和方案，再从员工表开始依次填写；保存并关闭工作簿。",
      "Fill in period and scheme above, then the sheets from Staff on; save and close the book."),
     ("Excel / WPS", "Excel / WPS")),
    (("2  检查", "2  Check"),
     ("逐条告诉您哪个单元格要改、怎么改，不写文件。",
      "Names every cell to mend and how; writes nothing."),
     ("xl-kpi check 本文件", "xl-kpi check THIS_FILE")),
    (("3  计算", "3  Calculate"),
     ("算出得分和薪资，写进结果表；原文件自动备份。",
      "Calculates points and pay into the result sheets; keeps a backup."),
     ("xl-kpi run 本文件", "xl-kpi run THIS_FILE")),
    (("4  月结", "4  Close"),
     ("发放之后做：这个月不再变，以后的差额记在下月；再把期间改成下月。",
      "Once paid: the month never changes, later differences go to the next; then move the period on."),
     ("xl-kpi close 本文件", "xl-kpi close THIS_FILE")),
)  # fmt: skip

# In the book with macros.
BUTTON_STEPS: tuple[tuple[Words, Words, Words], ...] = (
    (("1  填表", "1  Fill in"),
     ("填好上方的期间和方案，再从员工表开始依次填写。",
      "Fill in period and scheme above, then the sheets from Staff on."),
     ("Excel", "Excel")),
    (("2  检查", "2  Check"),
     ("逐条告诉您哪个单元格要改、怎么改；只写“检查”表。",
      "Names every cell to mend and how; writes only the checks."),
     ("按钮“检查”", "button Check")),
    (("3  计算", "3  Calculate"),
     ("算出得分和薪资，写进结果表；有错误时不写结果。",
      "Calculates points and pay into the result sheets; with errors it writes none."),
     ("按钮“重新计算”", "button Recalculate")),
    (("4  月结", "4  Close"),
     ("发放之后做：这个月不再变，以后的差额记在下月；再把期间改成下月。",
      "Once paid: the month never changes, later differences go to the next; then move the period on."),
     ("按钮“月结”", "button Close")),
)  # fmt: skip

# What VBA says; its source is ASCII, so the words stand on a hidden sheet.
MACRO_TEXTS: Mapping[str, Words] = {
    "python_failed": (
        "没能调用 Python，什么都没有改动。请在命令行运行 xl-kpi doctor，按它说的处理；原因：",
        "Python could not be called; nothing was changed. Run xl-kpi doctor on the command line "
        "and do as it says. The reason:",
    ),
}

SETTING_NOTES: Mapping[str, Words] = {
    "period": ("要计算的月份，如 2026-10", "The month, such as 2026-10"),
    "scheme": ("用哪个方案；几个方案用顿号隔开，或写 全部，各人按岗位归入",
               "Which scheme; several with commas, or all: people belong by their role"),
    "data_from": ("一般留空；这个月以前的原始数据只在月结存档里，如 2026-10",
                  "Usually blank; data of months before it are in the archive only, e.g. 2026-10"),
    "as_of": ("取数的日期，用来提醒尚未定数的付款；可留空",
              "The day the data were taken; may be blank"),
}  # fmt: skip

HEAD_NOTES: Mapping[str, Words] = {
    "id": ("表名以它开头，不要改", "The tables' names begin with it: do not change"),
    "name": ("结果表里显示", "Shown on the result sheets"),
    "source": ("依据的制度文件", "The policy it follows"),
    "valid_from": ("方案从哪天起用；空白 = 一直", "From which day it is used; blank = always"),
    "valid_to": ("方案用到哪天；空白 = 一直", "Up to which day it is used; blank = always"),
    "month_start_day": ("1 = 自然月；21 = 上月 21 日至本月 20 日",
                        "1 = calendar month; 21 = from the 21st of the month before"),
    "weeks": ("四段：1–7、8–14、15–21、22–月底；自然周：周一至周日，归周四所在的月",
              "blocks: days 1–7, 8–14, 15–21, the rest; ISO weeks belong to the month of Thursday"),
    "total": ("总分怎么算，可用板块名称", "The total score, by the names of the blocks"),
    "block_mode": ("求和：各指标得分相加；加权：按权重平均",
                   "sum: points are added; weighted: averaged by weight"),
    "assessed_roles": ("只考核这些岗位，用顿号分开；空白 = 全部",
                       "Only these roles, separated by commas; blank = all"),
    "stand_in_share": ("顶岗人员任一指标不及店铺平均的这个比例，列入检查表",
                       "A stand-in below this share of the shop's average is listed in Checks"),
    "grade_group": ("在什么范围内排名定级；空白 = 部门", "Within which group grades are given"),
    "grade_ties": ("分数相同：取高 = 都进高一级；取低 = 都进低一级",
                   "Equal scores share the better or the worse grade"),
    "small_team": ("不超过这么多人的组按下一行的规则定级；空白 = 不区分",
                   "Groups up to this size follow the next line; blank = none"),
    "small_team_rule": ("照常分布、合并定级（与全体一起排）、按分数段、不定级",
                        "distribute, with everyone, by score, or no grades"),
    "overspend": ("得分合计超过满分时：按比例缩减，或照付（会超支）",
                  "Scores above full marks: scale, or pay (overspends)"),
    "deduction_share": ("扣款最多占当月工资的比例；超过则停止计算",
                        "Deductions above this share of the pay stop the run"),
    "minimum_wage": ("扣款后不得低于当地最低工资；空白 = 不检查",
                     "Deductions may not push the pay below it; blank = not checked"),
}  # fmt: skip

# By scheme table: the sentence beside its heading.
STACK_NOTES: Mapping[str, Words] = {
    "head": ("本方案的总设置", "Settings of the whole scheme"),
    "indicators": ("每个指标怎么计分；用不到的列留空", "How each metric is scored; leave unused columns blank"),
    "curves": ("分段取值；每段一行，写清边界", "Values by band, one row each, with its edges"),
    "pay_items": ("从上到下计算；发放填“是”的项目计入应发合计",
                  "Computed top down; items with Paid = yes add up to the pay"),
    "consequences": ("条件成立时的后续安排", "What follows when a condition holds"),
    "grades": ("按比例强制分布，或按分数段；不分等级就留空",
               "By share of places, or by score; blank = no grades"),
}  # fmt: skip

# By input table: the heading over a column and those right of it.
GROUPS: Mapping[str, Mapping[str, Words]] = {
    "roster": {
        "person_id": ("人员", "Person"),
        "status": ("身份与日期", "Status and dates"),
        "base_pay": ("薪资", "Pay"),
    },
    "sessions": {
        "session_id": ("会话", "Session"),
        "answered": ("接待结果", "Outcome"),
        "response_seconds": ("时长与评分", "Times and rating"),
        "shop": ("归属订单用", "For giving orders to agents"),
    },
    "orders": {"order_id": ("订单", "Order"), "paid": ("付款与退款", "Payment and refund")},
    "counts": {
        "date": ("人员", "Person"),
        "received_customers": ("接待", "Receptions"),
        "same_day_ordering_customers": ("下单与付款", "Orders and payments"),
        "paid_amount": ("金额", "Amounts"),
        "agent_messages": ("消息与响应", "Messages and responses"),
        "rating_sum": ("评价、问题、订单", "Ratings, problems, orders"),
        "sessions": ("会话时效", "Sessions in time"),
        "satisfied_ratings": ("评价与解决", "Ratings and solutions"),
        "placed_amount": ("订单与退货", "Orders and returns"),
        "service_tickets": ("工单与投诉", "Tickets and complaints"),
        "inspections": ("质检、商机、推荐", "Inspections, leads, NPS"),
        "escalations": ("升级与来电", "Escalations and calls"),
        "tasks": ("工作任务", "Tasks"),
        "consulting_customers": ("导入与考勤", "Imports and attendance"),
        "filter_abuse": ("核实", "Confirmed"),
    },
    "ratings": {"period": ("人员", "Person"), "item": ("评分", "Rating")},
    "events": {"date": ("人员", "Person"), "event": ("事项", "Event")},
    "targets": {"period": ("人员", "Person"), "sales_target": ("任务", "Target")},
    "departments": {"period": ("部门", "Department"), "dsr_start": ("DSR", "DSR")},
    "shops": {"date": ("店铺", "Shop"), "shop_paid_amount": ("全店", "Whole shop"),
              "shop_consulting_customers": ("全店客服", "The shop's service")},
    "accounts": {"account": ("账号", "Account"), "person_id": ("是谁", "Whose"),
                 "valid_from": ("日期", "Dates")},
    "definition": {"item": ("怎么数", "How it is counted")},
    "benchmarks": {"period": ("日期", "Dates"), "platform": ("基准", "Benchmark")},
    "platform": {"start": ("日期", "Dates"), "platform": ("账号", "Account"),
                 "item": ("数字", "Figure")},
    "imports": {"source": ("文件", "File"), "profile": ("口径", "Definition"),
                "start": ("内容", "Content")},
    "differences": {"start": ("日期", "Dates"), "who": ("哪个数", "Which figure"),
                    "first": ("两个数", "Two values"), "difference": ("结论", "Outcome")},
    "calibrations": {
        "period": ("人员", "Person"), "item": ("校准", "Calibration"), "reason": ("审批", "Approval"),
    },
    "refunds": {"date": ("人员", "Person"), "origin": ("退款", "Refund")},
    "adjustments": {"period": ("人员", "Person"), "item": ("补扣", "Adjustment")},
    "appeals": {
        "period": ("人员", "Person"), "item": ("申诉", "Appeal"), "due": ("处理", "Answer"),
    },
    "closings": {
        "period": ("月份", "Month"), "people": ("结果", "Result"), "closed": ("经办", "Closed"),
        "version": ("凭据", "Proof"),
    },
    "archive": {"period": ("月份", "Month"), "content": ("存档", "Archive")},
    "history": {
        "period": ("人员", "Person"), "item": ("结果", "Result"), "booked": ("入账", "Booked"),
    },
    "calendar": {"stage": ("步骤", "Step"), "cycle": ("时间", "When"), "who": ("执行", "Who")},
    "smart": {"indicator": ("指标", "Indicator"), "specific": ("SMART", "SMART"),
              "agreed": ("结论", "Outcome")},
    "raters": {"rater_group": ("评分人", "Raters"), "trained": ("培训", "Training")},
    "measures": {"indicator": ("措施", "Measure"), "who": ("执行", "Who")},
    "metrics": {
        "id": ("指标", "Metric"),
        "source": ("怎么算", "How it is computed"),
        "unit": ("口径", "Definition"),
    },
}

OWN_COUNTS: Words = ("自设计数", "Own counts")

_UNITS: Words = (
    "yuan 元 · ratio 比率 · points 分 · count 个 · s 秒 · hours 小时 · times 倍 · months 月 · rate 系数",
    "yuan, ratio, points, count, s, hours, times, months or rate",
)
# Comments on headers, by table and column.
COMMENTS: Mapping[tuple[str, str], Words] = {
    ("roster", "bonus_base"): ("按得分折算奖金的方案（S05）用", "For schemes that pay a share of it (S05)"),
    ("counts", "ordering_customers"): ("接待后下单的人数（含次日）", "Customers who ordered, next day included"),
    ("counts", "final_paying_customers"): (
        "下单后最终付款的人数，付款要四天后才定数", "Orderers who finally paid, known four days later"),
    ("counts", "same_day_paying_customers"): (
        "近四天下单、当日付款的人数", "Same-day payers of the last four days"),
    ("counts", "converted_customers"): (
        "询单当日或次日下单、最终付款的人数", "Ordered the same or next day and finally paid"),
    ("counts", "lost_customers"): ("下单后最终没有付款的人数", "Ordered and did not finally pay"),
    ("counts", "assisted_amount"): (
        "同事的订单由本人跟进到付款的金额", "Orders of colleagues brought to payment"),
    ("counts", "response_seconds"): (
        "平均响应时间 = 总响应秒数 ÷ 总响应次数", "Average response time = seconds ÷ replies"),
    ("counts", "rating_sum"): ("满意度评分 = 评分总和 ÷ 评分数", "Satisfaction = sum ÷ number of ratings"),
    ("indicators", "weight"): ("板块计分为加权时填，同一板块合计 100%", "For weighted blocks; 100% per block"),
    ("indicators", "curve"): ("计分规则为分段时填，取曲线表里的名称", "For bands: a name of the curves below"),
    ("indicators", "rank_points"): ("第 1、2、3 名的得分，用逗号分开", "Points of places 1, 2, 3"),
    ("indicators", "bonus_line"): (
        "不到这条线，名次不加分；如 =组均值", "No rank points beyond it; such as =组均值"),
    ("indicators", "penalty_line"): (
        "差于这条线扣分；数字、百分比或公式，如 =上期组均值、=同行同层均值", "Worse than it costs points"),
    ("indicators", "in_divisor"): ("计入绩效奖金的满分合计", "Counts for the full marks of the pool"),
    ("curves", "edges"): (
        "[) 含左不含右 · (] 含右不含左 · [] 都含 · () 都不含", "[ or ] includes the edge, ( or ) does not"),
    ("curves", "key"): ("按类别取值时填（如评分人类别），从、到留空", "For values by key, such as rater groups"),
    ("pay_items", "paid"): ("是 = 四舍五入到分，计入应发合计", "yes = rounded to the cent and paid"),
    ("pay_items", "unit"): _UNITS,
    ("metrics", "unit"): _UNITS,
    ("metrics", "sample"): ("用哪个计数当样本量", "Which count is the sample"),
    ("metrics", "ripe_days"): ("数据几天后才定数", "After how many days the data are final"),
}  # fmt: skip

FOOTER: Words = ("第 &P 页，共 &N 页", "Page &P of &N")
REQUIRED: Words = ("必填", "required")

# Of the charts on 看板.
CHARTS: Mapping[str, Words] = {
    "people": ("每人应发（元）与总分", "Pay (yuan) and score per person"),
    "grades": ("等级分布（没有等级时按总分）", "People by grade (without grades, by score)"),
    "months": ("各月应发合计（元）与平均总分", "Pay (yuan) and average score by month"),
    "shops": ("店铺均衡：人均应发（元）与平均总分", "Balance of shops: pay per person (yuan), average score"),
    "rates": ("部门完成率、转化率与系数", "Departments: completion, conversion, coefficient"),
    "pools": ("奖金池：已发与剩余（元）", "Pools: paid and left (yuan)"),
}
