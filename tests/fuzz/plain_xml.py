"""A plain reading of a workbook's numbers, straight from its XML: a second opinion.

Only what is certain is said: numbers in cells that state their address; where the writing is too
odd to say, ``Damaged`` with ``certain`` false.
"""

import math
import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
REAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


class Damaged(ValueError):  # noqa: N818
    """The XML cannot be read; ``certain`` if a strict program must refuse it."""

    def __init__(self, what, *, certain):
        super().__init__(what)
        self.certain = certain


def size(path):
    """Bytes of all parts, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())


def numbers(path):
    """Sheet name → (row, column) → number, of the sheets that can be told."""
    try:
        with zipfile.ZipFile(path) as archive:
            book = _tree(archive, "xl/workbook.xml")
            links = _tree(archive, "xl/_rels/workbook.xml.rels")
            targets = {link.get("Id"): link.get("Target", "") for link in links}
            found = {}
            for sheet in book.iter():
                if _local(sheet) != "sheet":
                    continue
                identifier = next((v for k, v in sheet.items() if k.endswith("}id")), None)
                target = posixpath.normpath(posixpath.join("xl", targets.get(identifier, "")))
                found[sheet.get("name")] = _cells(_tree(archive, target))
            return found
    except (KeyError, zipfile.BadZipFile, ValueError, LookupError, OSError, NotImplementedError) as error:
        if isinstance(error, Damaged):
            raise
        raise Damaged(str(error), certain=False) from None


def _tree(archive, name):
    try:
        return ET.fromstring(archive.read(name))
    except LookupError as error:
        raise Damaged(str(error), certain=False) from None
    except ET.ParseError as error:
        brace = re.search(rb'xmlns[^=<>]*="[^"<>]*}', archive.read(name))  # only ElementTree minds it
        certain = "sheet" in name and brace is None
        raise Damaged(f"{name} is no XML: {error}", certain=certain) from None


def _local(element):
    return element.tag.rpartition("}")[2]


def _cells(sheet):
    found = {}
    if _local(sheet) != "worksheet":
        raise Damaged("no worksheet", certain=False)
    data = [element for element in sheet if _local(element) == "sheetData"]
    if len(data) != 1:
        raise Damaged("not one sheetData", certain=False)
    for row in data[0]:
        for cell in row:
            address = ADDRESS.fullmatch(cell.get("r", ""))
            if _local(row) != "row" or _local(cell) != "c" or address is None or address[2] != row.get("r"):
                raise Damaged("an odd place", certain=False)
            kinds = [_local(child) for child in cell]
            if kinds not in ([], ["v"], ["f"], ["f", "v"], ["is"]) or any(len(c) for c in cell if _local(c) != "is"):
                raise Damaged("an odd cell", certain=False)
            if cell.get("t", "n") != "n" or "v" not in kinds:
                continue
            column = 0
            for letter in address[1]:
                column = column * 26 + ord(letter) - 64
            place = int(address[2]), column
            text = (cell[-1].text or "").strip()
            if place in found:
                raise Damaged("a cell twice", certain=False)
            if REAL.fullmatch(text) and math.isfinite(float(text)):
                found[place] = float(text)
    return found
