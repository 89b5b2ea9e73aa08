"""Text on a PDF page: the font that the page carries, and lines that fit a width."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT, OTHER = "XLKPISans", "STSong-Light"
_MISSING = "□"
_WORDS = re.compile(r"[0-9A-Za-z\u00c0-\u017f][0-9A-Za-z\u00c0-\u017f.,'’:/%‰_-]*|\s|.", re.DOTALL)
_NOT_FIRST = frozenset("，。、；：！？）》」』”’…,.;:!?)]}%‰÷×→")


@functools.cache
def register() -> frozenset[int]:
    """Make the fonts known; gives the characters that the carried font has."""
    with as_file(files("xl_kpi.excel") / "fonts" / "XLKPISans.ttf") as path:
        font = TTFont(FONT, str(path))
    pdfmetrics.registerFont(font)
    pdfmetrics.registerFont(UnicodeCIDFont(OTHER))
    return frozenset(font.face.charToGlyph)


def clean(text: str) -> str:
    """A text as one line: control characters and line breaks are blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a text by font; what neither font has is shown as a box."""
    known = register()
    start = 0
    while start < len(text):
        own = ord(text[start]) in known
        end = start
        while end < len(text) and (ord(text[end]) in known) == own:
            end += 1
        part = text[start:end]
        if own:
            yield FONT, part
        else:
            yield OTHER, "".join(c if c <= "\uffff" else _MISSING for c in part)
        start = end


@functools.lru_cache(maxsize=50_000)
def width(text: str, size: float) -> float:
    """How wide a text is, in points."""
    return float(sum(pdfmetrics.stringWidth(part, font, size) for font, part in _runs(text)))


@functools.lru_cache(maxsize=20_000)
def wrapped(text: str, room: float, size: float) -> tuple[str, ...]:
    """A text as lines no wider than ``room`` points.

    Words and figures stay whole where they fit, and no line begins with a closing mark unless it
    would be too wide otherwise.
    """
    lines: list[str] = []
    line = ""
    for word in _words(clean(text), room, size):
        if width((line + word).rstrip(), size) <= room:
            line += word
            continue
        if word[0] in _NOT_FIRST and len(line) > 1:
            last = _last_word(line)
            if len(last) == len(line) or width(last + word, size) > room:
                last = line[-1]
            line, word = line[: -len(last)], last + word
        lines.append(line.rstrip())
        line = word.lstrip()
    return (*lines, line.rstrip()) if line or not lines else tuple(lines)


def _last_word(line: str) -> str:
    """What goes to the next line with a mark that may not begin it: a word, or one character."""
    words = _WORDS.findall(line.rstrip()) or [line]
    return line[len(line.rstrip()) - len(words[-1]) :]


def longest_word(text: str, size: float) -> float:
    """The width of the longest word or figure of a text in points."""
    return max((width(word, size) for word in _WORDS.findall(clean(text))), default=0.0)


def _words(text: str, room: float, size: float) -> Iterator[str]:
    for word in _WORDS.findall(text):
        if width(word, size) <= room:
            yield word
        else:
            yield from word


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is drawn."""

    size: float
    grey: float = 0.0
    bold: bool = False
    align: str = "left"


def draw(canvas: Canvas, text: str, x: float, y: float, style: Style) -> None:
    """One line of text at a base line; ``x`` is its left edge, middle or right edge."""
    if not text:
        return
    if style.align != "left":
        x -= width(text, style.size) / (1 if style.align == "right" else 2)
    canvas.saveState()
    written = canvas.beginText(x, y)
    written.setFillGray(style.grey)
    if style.bold:  # one weight is carried: its outlines are drawn, too
        written.setTextRenderMode(2)
        canvas.setLineWidth(style.size / 36)
        canvas.setStrokeGray(style.grey)
    for font, part in _runs(text):
        written.setFont(font, style.size)
        written.textOut(part)
    canvas.drawText(written)
    canvas.restoreState()


def fitted(text: str, room: float, style: Style) -> Style:
    """The style, smaller if the text would be wider than the room."""
    wide = width(text, style.size)
    if wide <= room:
        return style
    return Style(style.size * room / wide, style.grey, style.bold, style.align)
