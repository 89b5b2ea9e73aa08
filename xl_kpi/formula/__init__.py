"""The scheme's formulas: what HR would type into a cell, with names instead of addresses.

``parse`` reads a formula with formualizer's parser into a small tree; ``evaluate`` runs the tree
over arrays, one pass for all people; ``check`` says what is wrong with it before anyone is paid;
``unparse`` writes it back with other words or figures in the place of names.

Three readings differ from Excel on purpose, and the twins spell them out:

* a blank is missing: arithmetic with it is missing, and it is never above, below or equal to
  anything; only ``x = ""`` and ``x <> ""`` ask for it (C3).  A quotient by 0, ``0^0`` and a number
  too big for a cell are missing too;
* values are compared at twelve significant digits, and a difference below that is 0 (C9);
* ``SUM``, ``AVERAGE``, ``COUNT``, ``MIN`` and ``MAX`` of one name at department level run over the
  department's people.
"""

from xl_kpi.formula.checking import Finding, Vocabulary, check
from xl_kpi.formula.evaluation import (
    AGGREGATES,
    BINARY,
    CALLS,
    EVALUATORS,
    NATIVE,
    UNARY,
    Scope,
    Value,
    column,
    evaluate,
    numbers,
    row_by_row,
)
from xl_kpi.formula.tree import (
    Binary,
    Call,
    FormulaError,
    Literal,
    Name,
    Node,
    Unary,
    looked_back_at,
    names_in,
    parse,
    parts,
    quoted,
    unparse,
)

__all__ = [
    "AGGREGATES",
    "BINARY",
    "CALLS",
    "EVALUATORS",
    "NATIVE",
    "UNARY",
    "Binary",
    "Call",
    "Finding",
    "FormulaError",
    "Literal",
    "Name",
    "Node",
    "Scope",
    "Unary",
    "Value",
    "Vocabulary",
    "check",
    "column",
    "evaluate",
    "looked_back_at",
    "names_in",
    "numbers",
    "parse",
    "parts",
    "quoted",
    "row_by_row",
    "unparse",
]
