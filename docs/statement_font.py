"""The font that the statements' PDFs carry, made from Noto Sans CJK SC.

Run with ``uv run --group docs python docs/statement_font.py``; needs the Debian packages
fonts-noto-cjk and unicode-data.  It keeps the 8105 characters of 通用规范汉字表 (those that stand in
names), GB 2312 and Latin, and turns the outlines into TrueType, which PDF libraries read.
"""

from __future__ import annotations

import bz2
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SIMPLIFIED = 2  # number of the face in the collection
UNIHAN = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
TARGET = Path(__file__).parents[1] / "xl_kpi" / "excel" / "fonts" / "XLKPISans.ttf"
NAMES = {1: "XL KPI Sans", 2: "Regular", 3: "XL KPI Sans 1", 4: "XL KPI Sans", 6: "XLKPISans-Regular"}
KEPT_NAMES = (0, 5, 13, 14)  # copyright, version, licence and its address
SIGNS = "−×÷≤≥≠→←↑↓∞…·•□■○●▲▼△▽☐☑✓✗—–‰℃①②③④⑤⑥⑦⑧⑨⑩"
DROPPED = ["VORG", "vhea", "vmtx", "GPOS", "GSUB", "GDEF", "BASE"]


def characters() -> set[int]:
    """The characters that the font keeps."""
    kept = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | set(map(ord, SIGNS))
    kept |= set(range(0x2010, 0x2028)) | set(range(0xFF00, 0xFF61)) | set(range(0x3000, 0x3020))
    kept |= set(range(0x2460, 0x2474)) | set(range(0x2776, 0x2780))  # ① ❶
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as lines:
        fields = (line.split("\t") for line in lines)
        kept |= {int(f[0][2:], 16) for f in fields if len(f) > 2 and f[1] == "kTGH"}
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            kept |= set(map(ord, bytes([high, low]).decode("gb2312", errors="ignore")))
    return kept


def main() -> None:
    """Write the font."""
    font = TTFont(SOURCE, fontNumber=SIMPLIFIED, recalcTimestamp=False)
    options = subset.Options(
        layout_features=[], hinting=False, name_IDs=["*"], notdef_outline=True,
        drop_tables=[*subset.Options().drop_tables, *DROPPED],
    )  # fmt: skip
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    _to_truetype(font)
    names = font["name"]
    for record in list(names.names):
        if record.nameID in NAMES:
            record.string = NAMES[record.nameID]
        elif record.nameID not in KEPT_NAMES:
            names.removeNames(nameID=record.nameID)
    font.save(TARGET)


def _to_truetype(font: TTFont) -> None:
    """Quadratic outlines in place of cubic ones, with the tables that belong to them."""
    outlines, glyphs = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, 1.2, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    table = font["glyf"] = newTable("glyf")
    table.glyphOrder, table.glyphs = font.getGlyphOrder(), glyphs
    metrics = font["hmtx"].metrics
    for name, glyph in glyphs.items():
        glyph.recalcBounds(table)
        metrics[name] = (metrics[name][0], getattr(glyph, "xMin", 0) or 0)
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxPoints",
        "maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxContours",
        "maxComponentDepth", "maxCompositePoints", "maxCompositeContours",
    ):  # fmt: skip
        setattr(limits, field, 0)
    limits.maxZones = 1
    font["post"].formatType = 3.0
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"
    del font["CFF "]


if __name__ == "__main__":
    main()
