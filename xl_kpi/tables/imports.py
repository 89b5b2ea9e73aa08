"""What imports of platform exports keep in the book: accounts, figures, benchmarks, log, doubts."""

from __future__ import annotations

from xl_kpi.tables.declaring import Column, Table
from xl_kpi.tables.month import PERIOD

ACCOUNTS = Table(
    key="accounts",
    zh="账号",
    en="Accounts",
    required=False,
    columns=(
        Column(key="account", zh="账号", en="Account", kind="text", required=True,
               note="平台导出里的名字，一字不差：旺旺、客服昵称、客服账号"),
        Column(key="platform", zh="平台", en="Platform", kind="text",
               note="淘宝、京东、拼多多、抖音、快手、钉钉；空白 = 哪个平台都算"),
        Column(key="person_id", zh="工号", en="Staff ID", kind="text",
               note="工号，或没有重名的姓名；还不知道是谁就留空"),
        Column(key="shop", zh="店铺", en="Shop", kind="text"),
        Column(key="post", zh="岗位", en="Post", kind="text",
               note="不是员工的账号（机器人、主号）写 不计"),
        Column(key="valid_from", zh="启用日期", en="From", kind="date", note="空白 = 一直"),
        Column(key="valid_to", zh="停用日期", en="To", kind="date", note="空白 = 一直"),
    ),
)

# How raw logs become counts; a run reads it for 会话 and 订单, an import for files.
DEFINITION = Table(
    key="definition",
    zh="口径",
    en="Definition",
    required=False,
    unique=("item",),
    columns=(
        Column(key="item", zh="项目", en="Item", kind="text", required=True),
        Column(key="value", zh="取值", en="Value", kind="text", note="空白 = 模板原来的取值"),
        Column(key="meaning", zh="说明", en="Meaning", kind="text"),
    ),
)

# One row per account, range of days and item: what each number of 指标数据 was made from.
PLATFORM = Table(
    key="platform",
    zh="平台数据",
    en="Platform figures",
    required=False,
    columns=(
        Column(key="start", zh="起始日期", en="From", kind="date", required=True),
        Column(key="end", zh="结束日期", en="To", kind="date", required=True),
        Column(key="platform", zh="平台", en="Platform", kind="text", required=True),
        Column(key="shop", zh="店铺", en="Shop", kind="text"),
        Column(key="account", zh="账号", en="Account", kind="text"),
        Column(key="person", zh="工号", en="Staff ID", kind="text"),
        Column(key="item", zh="项目", en="Item", kind="text", required=True,
               note="指标数据的列名，或只用来核对的比率、均值"),
        Column(key="value", zh="数值", en="Value", required=True),
        Column(key="decimals", zh="小数位", en="Decimals", note="平台给到第几位小数"),
        Column(key="source", zh="导入编号", en="Import", kind="text", required=True),
    ),
)

BENCHMARKS = Table(
    key="benchmarks",
    zh="基准",
    en="Benchmarks",
    required=False,
    columns=(
        PERIOD,
        Column(key="start", zh="起始日期", en="From", kind="date", required=True),
        Column(key="end", zh="结束日期", en="To", kind="date", required=True),
        Column(key="platform", zh="平台", en="Platform", kind="text"),
        Column(key="shop", zh="店铺", en="Shop", kind="text"),
        Column(key="metric", zh="指标", en="Metric", kind="text", required=True),
        Column(key="kind", zh="基准类型", en="Kind", kind="text", required=True,
               note="同行同层优秀、同行同层均值、全店均值"),
        Column(key="value", zh="数值", en="Value", required=True),
        Column(key="source", zh="导入编号", en="Import", kind="text"),
    ),
)

IMPORTS = Table(
    key="imports",
    zh="导入记录",
    en="Imports",
    required=False,
    unique=("source",),
    columns=(
        Column(key="source", zh="导入编号", en="Import", kind="text", required=True),
        Column(key="file", zh="文件", en="File", kind="text", required=True),
        Column(key="sheet", zh="工作表", en="Sheet", kind="text"),
        Column(key="sha256", zh="文件指纹", en="SHA-256", kind="text", required=True),
        Column(key="profile", zh="导出格式", en="Profile", kind="text", required=True),
        Column(key="platform", zh="平台", en="Platform", kind="text", required=True),
        Column(key="system", zh="系统", en="System", kind="text"),
        Column(key="rule", zh="判定方式", en="Attribution rule", kind="text",
               note="下单判定、下单优先判定、付款判定；文件没有说就是空白"),
        Column(key="filters", zh="窗口和过滤", en="Windows and filters", kind="text"),
        Column(key="start", zh="起始日期", en="From", kind="date", required=True),
        Column(key="end", zh="结束日期", en="To", kind="date", required=True),
        Column(key="exported", zh="导出日期", en="Exported on", kind="date"),
        Column(key="rows", zh="行数", en="Rows", unit="count"),
        Column(key="people", zh="人数", en="People", unit="count"),
        Column(key="items", zh="项目", en="Items", kind="text"),
        Column(key="fingerprint", zh="口径指纹", en="Definition", kind="text", required=True,
               note="平台、判定方式、窗口和过滤相同，指纹就相同"),
    ),
)

DIFFERENCES = Table(
    key="differences",
    zh="导入差异",
    en="Import differences",
    required=False,
    columns=(
        Column(key="start", zh="起始日期", en="From", kind="date", required=True),
        Column(key="end", zh="结束日期", en="To", kind="date", required=True),
        Column(key="who", zh="谁", en="Who", kind="text"),
        Column(key="item", zh="项目", en="Item", kind="text", required=True),
        Column(key="first", zh="数值一", en="First value"),
        Column(key="first_source", zh="来源一", en="First source", kind="text"),
        Column(key="second", zh="数值二", en="Second value"),
        Column(key="second_source", zh="来源二", en="Second source", kind="text"),
        Column(key="difference", zh="相差", en="Difference"),
        Column(key="taken", zh="采用", en="Taken"),
        Column(key="reason", zh="原因", en="Reason", kind="text"),
    ),
)
