"""Files that are small on the disk and heavy to read: bombs, far cells, endless texts.

They are made when they are needed; each says how it must end.
"""

import gzip
import io
import zipfile
from pathlib import Path

import mutate

from xl_kpi.excel.package import MAX_TOTAL_BYTES

CORPUS = Path(__file__).parent / "corpus"
LAUGHS = (
    b'<!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)
HEADER = "旺旺昵称,咨询人数,接待人数,未回复人数"
SHEET = "xl/worksheets/sheet1.xml"


def part(book, name, change):
    """A workbook of the corpus with one part changed."""
    parts = mutate.members((CORPUS / book).read_bytes())
    parts[name] = change(parts[name])
    return mutate.zipped(parts.items())


def after_declaration(text):
    return lambda old: old.replace(b"?>", b"?>" + text, 1)


def in_sheet(text):
    return lambda old: old.replace(b"</sheetData>", text + b"</sheetData>")


def zip_bomb(name, piece, times):
    """A workbook whose part is one piece over and over."""

    def make():
        parts = mutate.members((CORPUS / "a2_2026-10-05.xlsx").read_bytes())
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for other, content in parts.items():
                if other != name:
                    archive.writestr(other, content)
            head, mark, tail = parts[name].partition(b"</sheetData>" if name == SHEET else b"</sst>")
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(head)
                block = piece * max(1, (1 << 20) // len(piece))
                for _ in range(times * len(piece) // len(block)):
                    file.write(block)
                file.write(mark + tail)
        return made.getvalue()

    return make


def gzip_bomb():
    made = io.BytesIO()
    with gzip.open(made, "wb", 1) as file:
        for _ in range(128):
            file.write(bytes(1 << 22))
    return made.getvalue()


def csv_text(*lines):
    return "\r\n".join([HEADER, *lines]).encode()


def cell(reference, value="7"):
    number = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{number}"><c r="{reference}"><v>{value}</v></c></row>'.encode()


DIGITS = "9" * 5000
FILES = {
    # name: (file name, content, how it must end)
    "zip bomb": ("a.xlsx", zip_bomb(SHEET, b" ", MAX_TOTAL_BYTES // 2), "refused"),
    "zip bomb of rows": ("a.xlsx", zip_bomb(SHEET, b"<row/>", 12_000_000), "refused"),
    "zip bomb of strings": ("a.xlsx", zip_bomb("xl/sharedStrings.xml", b"<si><t>a</t></si>", 20_000_000), "refused"),
    "gzip bomb": ("a.csv.gz", gzip_bomb, "refused"),
    "gzip bomb, log": ("desk.tsv", gzip_bomb, "refused"),
    "entity bomb in a sheet": ("a.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, after_declaration(LAUGHS)), "refused"),
    "entity bomb in a cell": (
        "a.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, lambda old: in_sheet(cell("A99", "&j;"))(
            after_declaration(LAUGHS)(old))), "refused"),
    "entity bomb in strings": (
        "a.xlsx", lambda: part("a2_2026-10-05.xlsx", "xl/sharedStrings.xml", lambda old: after_declaration(LAUGHS)(old).replace(
            b"<t>", b"<t>&j;", 1)), None),
    "entity bomb in a book": (
        "book.xlsx", lambda: part("book.xlsx", "xl/workbook.xml", after_declaration(LAUGHS)), None),
    "external entity": (
        "a.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, lambda old: in_sheet(cell("A99", "&x;"))(after_declaration(
            b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]>')(old))), "refused"),
    "far cell": ("a_2026-10-05.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, in_sheet(cell("XFD1048576"))), "refused"),
    "far column": ("a_2026-10-05.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, in_sheet(cell("XFD99"))), None),
    "far row": ("a_2026-10-05.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, in_sheet(cell("A1048576"))), "refused"),
    "far cell in a log": ("desk.xlsx", lambda: part("desk.xlsx", SHEET, in_sheet(cell("XFD1048576"))), "refused"),
    "far row in a log": ("desk.xlsx", lambda: part("desk.xlsx", SHEET, in_sheet(cell("A300000"))), "read"),
    "far cell in a book": ("book.xlsx", lambda: part("book.xlsx", "xl/worksheets/sheet3.xml", in_sheet(cell("XFD1048576"))), None),
    "column beyond the last": ("a.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, in_sheet(cell("ZZZZZZZ9"))), "refused"),
    "row beyond the last": ("a.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, in_sheet(cell("A999999999"))), "refused"),
    "deep xml": ("a.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, in_sheet(b"<a>" * 200_000 + b"</a>" * 200_000)), None),
    "deep xml in a book": ("book.xlsx", lambda: part("book.xlsx", "xl/workbook.xml", lambda old: old.replace(
        b"</workbook>", b"<a>" * 200_000 + b"</a>" * 200_000 + b"</workbook>")), None),
    "unclosed tags": ("a.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, in_sheet(b"<c " * 300_000)), "refused"),
    "unclosed tags in a book": ("book.xlsx", lambda: part("book.xlsx", "xl/worksheets/sheet3.xml", in_sheet(b"<c " * 300_000)), "refused"),
    "endless attribute": ("a.xlsx", lambda: part("a2_2026-10-05.xlsx", SHEET, in_sheet(b'<row x="' + b" r r" * 500_000 + b'"/>')), None),
    "deep json": ("a7.json", lambda: b"[" * 300_000, "refused"),
    "deep closed json": ("a7.json", lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "refused"),
    "json of endless digits": ("a7.json", lambda: f'[{{"psnNickName": "a", "cstUv1d": {DIGITS}}}]'.encode(), "refused"),
    "one quote": ("a_2026-10-05.csv", lambda: csv_text('"' + "张,1\r\n" * 200_000), None),
    "endless line": ("a_2026-10-05.csv", lambda: csv_text("张敏," + "1," * 2_000_000), "refused"),
    "wide header": ("a_2026-10-05.csv", lambda: (HEADER + ",列" * 16_000 + "\r\n张敏,1,2,3").encode(), None),
    "wide header of names": ("a_2026-10-05.csv", lambda: (HEADER + "," + ",".join(f"接待{n}人数" for n in range(16_000))).encode(), None),
    "half a header of one name": ("a_2026-10-05.csv", lambda: (HEADER + ",接待的人数" * 16_000 + "\r\n张敏,1,2,3").encode(), None),
    "long cell": ("a_2026-10-05.csv", lambda: csv_text("张" * 100_000 + ",1,2,3", "李,1,2," + "3" * 100_000), None),
    "long header": ("a_2026-10-05.csv", lambda: (HEADER + "," + "接待人数" * 30_000 + "\r\n张敏,1,2,3").encode(), None),
    "hours of endless digits": (
        "b1_2026-10-05.csv", lambda: f"旺旺昵称,接待人数,平均响应(秒)\n张,1,{DIGITS}:00:00\n李,2,{DIGITS}天".encode(), None),
    "hours of 400 digits": (
        "b1_2026-10-05.csv", lambda: f"旺旺昵称,接待人数,平均响应(秒)\n张,1,{'9' * 400}:00:00\n李,2,{'9' * 400}天3秒".encode(), None),
    "log of endless digits": (
        "desk.tsv", lambda: (CORPUS / "desk.tsv").read_bytes().replace(b"0:02:23", DIGITS.encode() + b":00:00").replace(
            b"0:04:00", b"9" * 400 + b":00:00").replace(b"\t12\t", b"\t" + b"9" * 400 + b"\t"), None),
    "spaces": ("a_2026-10-05.csv", lambda: csv_text("张敏," + " " * 100_000 + "1,2,3", "2026" + " " * 90_000 + ",1,2,3"), None),
    "as many totals as rows": (
        "淘宝_2026-10-05.csv", lambda: csv_text(*(f"客服{n},3,2,1" for n in range(5_000)), *["汇总,3,2,1"] * 5_000), None),
    "totals without a date": (
        "淘宝.csv", lambda: ("日期,旺旺昵称,咨询人数,接待人数,未回复人数\r\n" + "\r\n".join(
            [*(f"2026-10-05,客服{n},3,2,1" for n in range(5_000)), *[",汇总,1,2,3"] * 5_000])).encode(), "read"),
    "one account in many shops": (
        "淘宝_2026-10-05.csv", lambda: ("店铺,旺旺昵称,咨询人数,接待人数,未回复人数\r\n" + "\r\n".join(
            f"店{n},客服,1,2,0" for n in range(10_000))).encode(), "read"),
    "one row 10 000 times": (
        "淘宝_2026-10-05.csv", lambda: ("店铺,旺旺昵称,咨询人数,接待人数,未回复人数\r\n" + "店,客服,1,2,0\r\n" * 10_000).encode(),
        "read"),
    "a doubt in every row": (
        "淘宝_2026-10-05.csv", lambda: ("店铺,旺旺昵称,咨询人数,接待人数,未回复人数\r\n" + "\r\n".join(
            f"店,客服{n},x{n},2,{n}" for n in range(10_000))).encode(), "read"),
    "file name of dates": ("a" + "2026-10-0" * 20 + ".csv", lambda: csv_text("张敏,1,2,3"), None),
}  # fmt: skip


def heavy_case(number):
    """The file of a place in the list."""
    name, content, _ = list(FILES.values())[number % len(FILES)]
    return name, content() if callable(content) else content
