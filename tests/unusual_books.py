"""Books whose sheets are hardest to print: long names, one person, two hundred."""

from xl_kpi.excel.fill import fill_tables
from xl_kpi.excel.new import new_book
from xl_kpi.excel.run import run_book
from xl_kpi.sample import sample_tables

LONG = ("欧阳古力娜扎尔阿卜杜拉迪丽热巴玛合木提江", "Maximiliana Alexandrovna Konstantinopols")


def long_names(tables):
    for row, name in zip(tables["roster"], LONG, strict=False):
        row["name"] = name
    for rows in tables.values():
        for row in rows:
            if row.get("shop") == "云杉旗舰店":
                row["shop"] = "云杉户外运动装备官方旗舰店（北京朝阳门店）"
            if row.get("department") == "客服部":
                row["department"] = "华北大区售前售后综合服务一部"


def one_person(tables):
    first = tables["roster"][0]
    for key, rows in tables.items():
        tables[key] = [
            row for row in rows
            if row.get("person_id", first["person_id"]) == first["person_id"]
            and row.get("shop", first["shop"]) == first["shop"]
        ]  # fmt: skip


def nothing(tables):
    """As the sample is."""


# By name: scheme, people, what is unusual, at most so many pages of 个人结果.
UNUSUAL = {
    "long names": ("S01", 6, long_names, 4),
    "one person": ("S01", 5, one_person, 4),
    "200 people": ("S05", 200, nothing, 45),
}


def unusual_book(path, name, lang="zh"):
    """One of the books, calculated."""
    scheme, people, change, _ = UNUSUAL[name]
    new_book(path, lang, {"period": "2026-10", "scheme": scheme, "as_of": "2026-11-20"}, (scheme,))
    tables = sample_tables("2026-10", people)
    change(tables)
    fill_tables(path, tables, lang)
    run_book(path, backup=False)
    return path
