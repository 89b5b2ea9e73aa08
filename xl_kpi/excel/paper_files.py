"""``xl-kpi document``: the schemes of a book as papers to read and sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xl_kpi.errors import InputError, Problem
from xl_kpi.excel.handed_out import refuse_folder
from xl_kpi.excel.load import load_book
from xl_kpi.excel.paper_docx import paper_docx
from xl_kpi.excel.replace_file import replace_file
from xl_kpi.excel.statement_files import code_of, for_file
from xl_kpi.formula import FormulaError
from xl_kpi.lint import lint, probe
from xl_kpi.scheme import Scheme
from xl_kpi.statements.paper import Paper
from xl_kpi.statements.scheme_document import scheme_document


@dataclass(slots=True)
class Papers:
    """The files that were written, by what they are about."""

    folder: Path
    lang: str
    files: dict[str, list[Path]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)  # of an earlier run


def write_documents(
    book: Path, folder: Path, scheme_id: str | None = None, lang: str | None = None, *,
    pdf: bool = False,
) -> Papers:  # fmt: skip
    """Write the document of each scheme of a book; its data may be missing or wrong.

    Args:
        book: The workbook.
        folder: Where to; it is made if need be, files of the same name are replaced.
        scheme_id: Scheme (or several) instead of those on the first sheet.
        lang: ``zh`` or ``en``; None = the language of the book.
        pdf: Whether PDFs are written, too.

    Raises:
        InputError: there is no scheme that can be read, or the folder will not do.
    """
    refuse_folder(folder)
    job = load_book(book, scheme_id)
    if not job.schemes:
        raise InputError(job.problems)
    wanted = lang or job.lang
    code = code_of(job).parameters
    made = [
        (scheme, scheme_document(scheme, scheme_problems(scheme), wanted, code))
        for scheme in job.schemes
    ]
    folder.mkdir(parents=True, exist_ok=True)
    written = Papers(folder, wanted)
    for scheme, paper in made:
        stem = for_file(f"{scheme.id} {paper.title}")
        paths = written.files[scheme.id] = []
        for suffix, content in paper_contents(paper, pdf=pdf):
            paths.append(folder / f"{stem}{suffix}")
            replace_file(paths[-1], [content], like=job.path, backup=False)
    return written


def scheme_problems(scheme: Scheme) -> list[Problem]:
    """What the linter says of a scheme, the errors first."""
    found = lint(scheme)
    try:
        found += probe(scheme)
    except FormulaError as error:
        place = error.where or scheme.place
        found.append(Problem(place, str(error), "改正公式里的参数"))
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(dict.fromkeys(found), key=lambda p: rank[p.severity])


def paper_contents(paper: Paper, *, pdf: bool) -> Iterator[tuple[str, bytes]]:
    """A paper as Word file and, if wanted, as PDF, by the suffix."""
    yield ".docx", paper_docx(paper)
    if pdf:
        from xl_kpi.excel.paper_pdf import paper_pdf  # takes a while to load

        yield ".pdf", paper_pdf(paper)
