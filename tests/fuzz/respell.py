"""Other spellings of a workbook's XML that mean the same, as other programs write them."""

import re

from mutate import members, zipped

CELL = re.compile(rb'<c [^>]*?r=["\']([A-Z]+)\d+["\'][^>]*?(?:/>|>.*?</c>)', re.DOTALL)
VALUE = re.compile(rb"<v>([^<]+)</v>")
PLAIN = re.compile(rb'(<c r="[A-Z]+\d+"(?: s="\d+")?>)<v>(\d+)</v>')
ROW = re.compile(rb'(<row )r="\d+"([^>]*>)(.*?)(</row>)', re.DOTALL)


def _prefixed(chance, sheet):
    sheet = re.sub(rb"<(/?)(?![?!])", rb"<\1x:", sheet)
    return sheet.replace(b"xmlns=", b"xmlns:x=")


def _single_quotes(chance, sheet):
    head, mark, rest = sheet.partition(b"<worksheet")
    return head + mark + rest.replace(b'"', b"'")


def _spaces_in_tags(chance, sheet):
    return re.sub(rb'"(/?>)', rb'"  \1', sheet)


def _lines_between(chance, sheet):
    return re.sub(rb"(</?(?:c|row|sheetData|f|v)[^<>]*>)(?=<)", rb"\1\n  ", sheet)


def _in_values(make):
    def change(chance, sheet):
        return PLAIN.sub(lambda found: found[1] + make(found[2]), sheet)

    return change


def _without_places(chance, sheet):
    """No ``r`` on cells, in rows that have no gap."""

    def row(found):
        cells = list(CELL.finditer(found[3]))
        letters = [c[1] for c in cells]
        if letters != [bytes([65 + n]) for n in range(len(letters))]:
            return found[0]
        return found[1] + found[0][len(found[1]) : found.start(3) - found.start()] + re.sub(
            rb'<c r="[A-Z]+\d+"', rb"<c", found[3]
        ) + found[4]  # fmt: skip

    return ROW.sub(row, sheet)


def _dimension(text):
    return lambda chance, sheet: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="' + text + b'"', sheet)


def _reordered_attributes(chance, sheet):
    return re.sub(rb'<c (r="[^"]*") ([st]="[^"]*")', rb"<c \2 \1", sheet)


def _rows_reversed(chance, sheet):
    rows = [found[0] for found in ROW.finditer(sheet)]
    start, end = sheet.find(b"<row "), sheet.rfind(b"</row>") + 6
    return sheet[:start] + b"".join(reversed(rows)) + sheet[end:] if rows else sheet


def _cells_reversed(chance, sheet):
    def row(found):
        cells = [cell[0] for cell in CELL.finditer(found[3])]
        if b"".join(cells) != found[3]:
            return found[0]  # spelt in another way by now
        return found[0].replace(found[3], b"".join(reversed(cells))) if cells else found[0]

    return ROW.sub(row, sheet)


SHEET_CHANGES = {
    "prefix": _prefixed,
    "single quotes": _single_quotes,
    "spaces": _spaces_in_tags,
    "lines": _lines_between,
    "entity": _in_values(lambda v: b"<v>&#%d;%s</v>" % (v[0], v[1:])),
    "hexadecimal entity": _in_values(lambda v: b"<v>&#x%x;%s</v>" % (v[0], v[1:])),
    "cdata": _in_values(lambda v: b"<v><![CDATA[" + v + b"]]></v>"),
    "half cdata": _in_values(lambda v: b"<v>" + v[:1] + b"<![CDATA[" + v[1:] + b"]]></v>"),
    "comment": _in_values(lambda v: b"<v>" + v[:1] + b"<!-- a -->" + v[1:] + b"</v>"),
    "instruction": _in_values(lambda v: b"<v>" + v[:1] + b"<?a b?>" + v[1:] + b"</v>"),
    "exponent": _in_values(lambda v: b"<v>" + v + b"E0</v>"),
    "decimals": _in_values(lambda v: b"<v>" + v + b".0</v>"),
    "blanks in value": lambda chance, sheet: re.sub(rb'(<c r="[A-Z]+\d+">)<v>(\d+)</v>', rb"\1<v>\n \2 </v>", sheet),
    "space preserved": _in_values(lambda v: b'<v xml:space="preserve">' + v + b"</v>"),
    "two values": _in_values(lambda v: b"<v>" + v + b"</v><extLst><ext><v>77</v></ext></extLst>"),
    "formula": _in_values(lambda v: b"<f>60+60</f><v>" + v + b"</v>"),
    "formula not calculated": _in_values(lambda v: b"<f>60+60</f>"),
    "number type": lambda chance, sheet: re.sub(rb'(<c r="[A-Z]+\d+")(>|/>)', rb'\1 t="n"\2', sheet),
    "no places": _without_places,
    "dimension too small": _dimension(b"A1"),
    "dimension too large": _dimension(b"A1:ZZ99999"),
    "attributes": _reordered_attributes,
    "rows backwards": _rows_reversed,
    "cells backwards": _cells_reversed,
    "utf-16": lambda chance, sheet: sheet.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"),
    "mark": lambda chance, sheet: b"\xef\xbb\xbf" + sheet,
    "strict": lambda chance, sheet: sheet.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    ),
    "cut off": lambda chance, sheet: sheet[: chance.randint(len(sheet) // 3, len(sheet) - 1)],
    "wrong end": lambda chance, sheet: sheet.replace(b"</row>", b"</raw>", 1),
    "lost end": lambda chance, sheet: sheet.replace(b"</c>", b"", 1),
}  # fmt: skip
DAMAGES = ("formula not calculated", "cut off", "wrong end", "lost end")


def _rich(chance, strings):
    return re.sub(rb"<si><t([^>]*)>([^<])([^<]*)</t></si>", rb"<si><r><t\1>\2</t></r><r><rPr/><t>\3</t></r></si>", strings)


def _phonetic(chance, strings):
    return re.sub(rb"(<si><t[^>]*>[^<]+</t>)", rb'\1<rPh sb="0" eb="1"><t>zhang</t></rPh>', strings)


def _escaped(chance, strings):
    return re.sub(rb"(<t[^>]*>)([A-Za-z0-9])", lambda f: b"%s_x%04X_" % (f[1], f[2][0]), strings)


STRING_CHANGES = {"rich text": _rich, "phonetic": _phonetic, "escapes": _escaped}


def respelt(chance, content, told):
    """The workbook with one or two changes of spelling, which are added to ``told``."""
    parts = members(content)
    sheet = next(name for name in parts if "worksheets/sheet" in name)
    for _ in range(chance.choice([1, 1, 2])):
        if chance.random() < 0.15 and "xl/sharedStrings.xml" in parts:
            name = chance.choice(sorted(STRING_CHANGES))
            parts["xl/sharedStrings.xml"] = STRING_CHANGES[name](chance, parts["xl/sharedStrings.xml"])
        else:
            name = chance.choice(sorted(SHEET_CHANGES))
            if name in told or (name == "cells backwards" and "no places" in told):
                continue  # then it would mean something else
            parts[sheet] = SHEET_CHANGES[name](chance, parts[sheet])
        told.append(name)
        if name == "utf-16":
            break
    return zipped(parts.items())
