"""Change the rules one small step at a time, and see whether the fast tests notice.

    uv run --group mutation python tests/mutation/run.py [pattern of mutants ...]

mutmut makes and runs the mutants (pyproject.toml says which modules and which tests).  It leaves
decorated functions alone, so it is taught here to change the bodies of ``@rule`` functions; the
decorator itself (labels, sources, twins) is never changed.  A whole run begins anew; one of named
mutants adds to what ``mutants/`` remembers.  As soon as every mutant has been run, README.md is
written; the run fails if fewer than 90 % of a module's mutants are noticed, or if survivors.toml has
no reason for one that is not, or one for what is noticed by now.
"""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from collections import Counter
from pathlib import Path

import libcst as cst
from mutmut.__main__ import cli
from mutmut.mutation import file_mutation
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

HERE = Path(__file__).parent
GOAL = 0.9
NOTICED = ("killed", "timeout")
INTRODUCTION = """# Mutants of the rules

Written by `uv run --group mutation python tests/mutation/run.py`; not by hand.

Every function of these modules is changed in one small place after the other (another operator,
number or word, an argument left out, a branch forced), and the fast tests must fail each time. The
decorators of the rules (labels, sources, examples, twins) and texts of formulas are not changed;
other tests compare them with the functions. The reasons of the survivors stand in `survivors.toml`.
"""
TEXT_ONLY = {"comparison_key", "fill", "rule"}  # of the catalogue: formulas as text, and filing


def is_rule(node):
    return isinstance(node, cst.FunctionDef) and any(
        isinstance(d.decorator, cst.Call) and getattr(d.decorator.func, "value", "") == "rule"
        for d in node.decorators
    )


def mutate_rules():
    """Let mutmut into the bodies of ``@rule`` functions, and keep it out of the twins' text."""
    skips, arrange = (
        file_mutation.MutationVisitor._skip_node_and_children,
        file_mutation.function_trampoline_arrangement,
    )

    def skips_but_rules(self, node):
        if isinstance(node, cst.ClassDef):  # of the catalogue: no rule is a class
            return True
        if isinstance(node, cst.FunctionDef):
            name = node.name.value
            if name.endswith("_twin") or name in TEXT_ONLY:
                return True
        return not is_rule(node) and skips(self, node)

    def arrange_undecorated(function, mutants, class_name):
        declared, (entry, *copies), assigned, names = arrange(function, mutants, class_name)
        if is_rule(function):  # the copies are no rules of their own
            copies = [copy.with_changes(decorators=[]) for copy in copies]
        return declared, [entry, *copies], assigned, names

    file_mutation.MutationVisitor._skip_node_and_children = skips_but_rules
    file_mutation.function_trampoline_arrangement = arrange_undecorated


def change(mutant, path):
    """What the mutant changes: the lines taken out and put in."""
    lines = get_diff_for_mutant(mutant, path=path).splitlines()[2:]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines if line[0] in "+-")


def outcomes():
    """Per module: how many mutants ended how; and per survivor, what it changes and its name."""
    counts, survivors = {}, {}
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        module = path.relative_to("xl_kpi").with_suffix("").as_posix().replace("/", ".")
        ended = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
        if ended:
            counts[module] = Counter(ended.values())
        for mutant, how in ended.items():
            if how not in (*NOTICED, "not checked"):
                function, _ = orig_function_and_class_names_from_key(mutant)
                survivors[f"{module}.{function}", change(mutant, path)] = mutant
    return counts, survivors


def explained():
    """The reasons of survivors.toml by function and change."""
    filed = tomllib.loads((HERE / "survivors.toml").read_text("utf-8"))["survivors"]
    return {
        (one["function"], what.strip()): one["reason"] for one in filed for what in one["changes"]
    }


def share(count):
    return sum(count[how] for how in NOTICED) / count.total()


def report(counts, survivors, reasons):
    """README.md: the figures by module, and a line for each survivor."""
    lines = [INTRODUCTION, "| module | mutants | killed | timeout | survived | noticed |",
             "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for module, count in {**counts, "all": sum(counts.values(), Counter())}.items():
        survived = count.total() - count["killed"] - count["timeout"]
        figures = (count.total(), count["killed"], count["timeout"], survived)
        lines.append(f"| {module} | {' | '.join(map(str, figures))} | {share(count):.1%} |")
    lines += ["", "## Survivors", ""]
    functions = dict.fromkeys(function for function, _ in survivors)
    for function in functions:
        lines += [f"`{function}`", ""]
        for (of, what), reason in ((key, reasons.get(key, "**?**")) for key in survivors):
            if of == function:
                new = " ".join(line[2:] for line in what.splitlines() if line.startswith("+"))
                lines.append(f"- `{new}`: {reason}")
        lines.append("")
    return "\n".join(lines)


def main():
    """Run the mutants, write the figures, and say what is not as it should be."""
    mutate_rules()
    patterns = sys.argv[1:]
    if not patterns:
        shutil.rmtree("mutants", ignore_errors=True)
    # mutmut leaves files that are not Python as they were when it first copied them.
    python = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree("xl_kpi", "mutants/xl_kpi", ignore=python, dirs_exist_ok=True)
    cli(["run", "--max-children", str(os.cpu_count()), *patterns], standalone_mode=False)
    counts, survivors = outcomes()
    reasons = explained()
    wrong = [f"no reason: {m}\n{what}" for (_, what), m in survivors.items()
             if (_, what) not in reasons]  # fmt: skip
    if not any(count["not checked"] for count in counts.values()):
        (HERE / "README.md").write_text(report(counts, survivors, reasons), "utf-8")
        wrong += [f"noticed by now: {key}" for key in reasons if key not in survivors]
        wrong += [f"below {GOAL:.0%}: {m}" for m, count in counts.items() if share(count) < GOAL]
    print(*wrong, sep="\n\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
