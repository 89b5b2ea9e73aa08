"""Files made from those of the corpus by changing bytes, XML inside the zip, length or encoding."""

import gzip
import io
import re
import zipfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
SUFFIXES = [".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".json", ".parquet", ".csv.gz", ".txt"]
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5", "utf-32", "utf-7"]
TOKENS = [
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'""', b"'", b"\r", b"\n", b",", b"\t", b";", b"|",
    b"-", b"1e309", b"NaN", b"Infinity", b"99999999999999999999", b"0", b"-1", b"1,234", b"12.5", b"1E5",
    b"[", b"]", b"{", b"}", b":", b"null", b"true", b"\\u0000", b"\\ud800", b"[[[[[[", b"2026-02-30",
    b"<", b">", b"/>", b"&", b"&#0;", b"&#49;", b"&lt;", b"&x;", b"<!--", b"-->", b"<![CDATA[1]]>",
    b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>", b' r="XFD1048576"', b' r="A1048576"', b' r="A0"', b' r="C2"',
    b' r="AAAA1"', b' r=""', b' t="e"', b' t="s"', b' t="b"', b' t="str"', b' t="inlineStr"', b' t="d"',
    b' s="1"', b' s="99999"', b"<v>4294967296</v>", b"<v></v>", b"<v/>", b"<v>#DIV/0!</v>", b"<v>7</v>",
    b"<f>1+1</f>", b"<f/>", b"<is><t>8</t></is>", b"<c/>", b"<row/>", b'<row r="2">', b"</row>",
    b"</sheetData>", b"<sheetData>", b' ref="A1:XFD1048576"', b' ref="B2:B1"', b' ref=""', b' count="-1"',
    b' headerRowCount="9999999"', b' totalsRowCount="-5"', b' Target="../../../../etc/passwd"',
    b' Target="sheet1.xml"', b' date1904="1"', b' state="veryHidden"', b'<?xml version="1.0" encoding="gbk"?>',
    "\u2028".encode(), "１２".encode(), "汇总".encode(), "张敏".encode(), "延迟统计".encode(),
]  # fmt: skip
NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]+)?")
QUOTED = re.compile(rb'"[^"<>]{0,30}"')
TAG = re.compile(rb"<[^<>]{1,60}>")


def mangled(chance, content, most=6):
    """The content after one to ``most`` changes."""
    for _ in range(chance.randint(1, most)):
        content = chance.choice(CHANGES)(chance, content)
    return content


def _place(chance, content):
    return chance.randint(0, len(content))


def _piece(chance, content, most=64):
    start = _place(chance, content)
    return start, min(len(content), start + chance.randint(1, most))


def flip(chance, content):
    if not content:
        return content
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def overwrite(chance, content):
    start, end = _piece(chance, content, 8)
    return content[:start] + chance.randbytes(end - start) + content[end:]


def leave_out(chance, content):
    start, end = _piece(chance, content)
    return content[:start] + content[end:]


def repeat(chance, content):
    start, end = _piece(chance, content)
    times = chance.choice([2, 2, 2, 3, 50, 2000])
    return content[:start] + content[start:end] * times + content[end:]


def move(chance, content):
    start, end = _piece(chance, content)
    piece, rest = content[start:end], content[:start] + content[end:]
    place = _place(chance, rest)
    return rest[:place] + piece + rest[place:]


def token(chance, content):
    place = _place(chance, content)
    return content[:place] + chance.choice(TOKENS) + content[place:]


def truncate(chance, content):
    return content[: _place(chance, content)]


def _replaced(pattern, make):
    def change(chance, content):
        found = list(pattern.finditer(content))
        if not found:
            return content
        match = chance.choice(found)
        return content[: match.start()] + make(chance, match[0], found) + content[match.end() :]

    return change


NUMBERS = [b"0", b"1", b"-1", b"7", b"65535", b"65536", b"1048577", b"2147483648", b"4294967295",
           b"18446744073709551616", b"1e400", b"0.1", b"", b"12abc", b" 12 ", b"1_000", b"0x10"]  # fmt: skip
number = _replaced(NUMBER, lambda chance, old, all_: chance.choice(NUMBERS))
quoted = _replaced(QUOTED, lambda chance, old, all_: chance.choice(all_)[0])
tag = _replaced(TAG, lambda chance, old, all_: chance.choice([b"", old * 2, chance.choice(all_)[0]]))
CHANGES = [flip, overwrite, leave_out, repeat, move, token, token, truncate, number, number, quoted, tag]


def members(content):
    """The members of a zip: name → content."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts, method=zipfile.ZIP_DEFLATED):
    """The members as a zip again, each with the right checksum."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, (2026, 10, 5, 0, 0, 0))
            entry.compress_type = method
            archive.writestr(entry, content)
    return made.getvalue()


def rezipped(chance, content):
    """A workbook with one or two of its parts mangled; sometimes one renamed, lost or swapped."""
    parts = members(content)
    names = sorted(parts, key=lambda name: ("sheet" not in name and "table" not in name, name))
    for _ in range(chance.choice([1, 1, 1, 2])):
        name = chance.choice(names[: len(names) // 2] if chance.random() < 0.7 else names)
        parts[name] = mangled(chance, parts[name], 3)
    listed = list(parts.items())
    if chance.random() < 0.08:
        place, other = chance.randrange(len(listed)), chance.randrange(len(listed))
        how = chance.choice(["lose", "rename", "swap"])
        name, old = listed[place]
        if how == "lose":
            del listed[place]
        elif how == "rename":
            listed[place] = (chance.choice([name.upper(), name + "x", "/" + name, "../" + name]), old)
        else:
            listed[place] = (name, listed[other][1])
    return zipped(listed, chance.choice([zipfile.ZIP_DEFLATED] * 4 + [zipfile.ZIP_STORED]))


def byte_case(chance):
    """A mutated file: its name and its content."""
    path = chance.choice(sorted(CORPUS.iterdir()))
    name, content = path.name, path.read_bytes()
    stem, suffix = name.partition(".")[0], "." + name.partition(".")[2]
    if suffix == ".xlsx" and chance.random() < 0.8:
        content = rezipped(chance, content)
    elif suffix == ".csv.gz" and chance.random() < 0.7:
        content = gzip.compress(mangled(chance, gzip.decompress(content)), mtime=0)
    elif suffix in (".csv", ".tsv", ".json") and chance.random() < 0.3:
        text = content.decode("utf-16" if "utf16" in name else "gb18030" if "gbk" in name else "utf-8-sig")
        content = text.encode(chance.choice(ENCODINGS), "replace")
        if chance.random() < 0.5:
            content = mangled(chance, content, 2)
    elif chance.random() < 0.98:
        content = mangled(chance, content)
    if chance.random() < 0.05:
        suffix = chance.choice(SUFFIXES)
    return stem + suffix, content
