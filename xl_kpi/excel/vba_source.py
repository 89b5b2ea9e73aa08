"""The text of the macros in a ``vbaProject.bin``, to see which xlwings they belong to."""

from __future__ import annotations

import re
import struct

_VERSION = re.compile(r'XLWINGS_VERSION As String = "([^"]*)"')


def xlwings_version(project: bytes) -> str | None:
    """The version of xlwings whose VBA stands in a project, or None if there is none.

    Raises:
        ValueError: the project cannot be read.
    """
    found = (_VERSION.search(text) for text in module_texts(project))
    return next((match[1] for match in found if match), None)


def module_texts(project: bytes) -> list[str]:
    """The source of each module.

    Raises:
        ValueError: the project cannot be read.
    """
    from pyopenvba import PyOpenVBAError
    from pyopenvba.cfb import CFB
    from pyopenvba.vba import parse_vba_project

    try:
        return [module.source for module in parse_vba_project(CFB.from_bytes(project)).modules]
    except (PyOpenVBAError, OSError, LookupError, struct.error, UnicodeError) as error:
        raise ValueError("not a VBA project") from error
