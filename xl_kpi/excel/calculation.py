"""What the book's formulas need after cells were exchanged: recalculation and a true chain."""

from __future__ import annotations

import re
from collections.abc import Callable

from xl_kpi.excel.package import Package, Relationship

_FORMULA = (re.compile(rb"<f[\s/>]"), re.compile(rb":f[\s/>]"))
_CALC_PR = re.compile(r"<calcPr(?=[\s/>])[^>]*>")
_FULL_CALC = re.compile(r"""\sfullCalcOnLoad\s*=\s*("[^"]*"|'[^']*')""")
_BEFORE_CALC_PR = re.compile(
    r"</(?:sheets|functionGroups|externalReferences|definedNames)>"
    r"|<(?:functionGroups|externalReferences|definedNames)\s*/>"
)


def has_formula(sheet: bytes) -> bool:
    """Whether a worksheet part holds a formula."""
    return any(pattern.search(sheet) for pattern in _FORMULA)


def with_full_calculation(workbook: bytes) -> bytes:
    """The workbook part, asking the program that opens it to calculate every formula.

    Raises:
        ValueError: the part is not written in the plain form that spreadsheet programs use.
    """
    text = workbook.decode("utf-8")
    asked = ' fullCalcOnLoad="1"'
    found = _CALC_PR.search(text)
    if found:
        tag = _FULL_CALC.sub("", found[0])
        end = len(tag) - (2 if tag.endswith("/>") else 1)
        tag = tag[:end].rstrip() + asked + tag[end:]
        text = text[: found.start()] + tag + text[found.end() :]
    else:
        before = list(_BEFORE_CALC_PR.finditer(text))
        if not before:
            raise ValueError("not a plain workbook part")
        position = before[-1].end()
        text = f"{text[:position]}<calcPr{asked}/>{text[position:]}"
    return text.encode()


def calc_chain(package: Package) -> Relationship | None:
    """The list of all formula cells, which Excel keeps and other programs leave out."""
    for link in package.relationships(package.workbook_part).values():
        if link.kind == "calcChain" and link.target in package.names:
            return link
    return None


def without_part(
    package: Package, link: Relationship, read: Callable[[str], bytes]
) -> dict[str, bytes]:
    """The parts that change when a part that the workbook links to is taken out.

    ``read`` gives the content of a part as other changes leave it.

    Raises:
        ValueError: they are not written in the plain form that spreadsheet programs use.
    """
    types = "[Content_Types].xml"
    folder, _, base = package.workbook_part.rpartition("/")
    links = f"{folder}/_rels/{base}.rels".lstrip("/")
    return {
        types: _without(read(types), "Override", "PartName", f"/{link.target}"),
        links: _without(read(links), "Relationship", "Id", link.id),
    }


def _without(content: bytes, tag: str, attribute: str, value: str) -> bytes:
    """The part without the one empty element that carries this attribute."""
    pattern = rf"""<{tag}\s[^>]*?\b{attribute}\s*=\s*["']{re.escape(value)}["'][^>]*?/>"""
    text, found = re.subn(pattern, "", content.decode("utf-8"), count=1, flags=re.IGNORECASE)
    if not found:
        raise ValueError(f"no {tag} for {value}")
    return text.encode()
