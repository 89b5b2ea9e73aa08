"""Fuzz the readers: ``python tests/fuzz/run.py --minutes 10 --seed 1``.

Each case runs in a child process that may take 10 seconds and 1 GB for it. What goes wrong is kept
in ``--out`` as the file and its report. The exit code is 1 if anything did.
"""

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

SECONDS = 10.0
_START = 60.0  # the child's imports, on a busy machine


class Child:
    """A worker that examines the cases of a seed from a number on."""

    def __init__(self, seed, first):
        command = [sys.executable, str(Path(__file__).with_name("worker.py")), str(seed), str(first)]
        environment = os.environ | {"MALLOC_ARENA_MAX": "2", "PYTHONFAULTHANDLER": "1"}
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, env=environment)
        self._pending = b""

    def line(self, seconds):
        """The next line, or None if the child is dead or silent for so long."""
        stream, until = self.process.stdout, time.monotonic() + seconds
        while b"\n" not in self._pending:
            if not select.select([stream], [], [], max(0.0, until - time.monotonic()))[0]:
                return None
            piece = os.read(stream.fileno(), 1 << 16)
            if not piece:
                return None
            self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode()

    def end(self):
        """How it died, or that it hung."""
        hung = self.process.poll() is None
        time.sleep(0.05)
        hung = hung and self.process.poll() is None
        self.process.kill()
        code = self.process.wait()
        self.process.stdout.close()
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace")[-1500:]
        self.errors.close()
        return f"longer than {SECONDS:.0f} s" if hung else f"the process died ({code}): {said}"


def fuzz(seed, seconds, found, most=None, first=0, ended=None):
    """Run cases for so long (and not more than ``most``); how many ended how.

    ``found`` is called with each finding's report: number, kind, error and more; ``ended``
    is filled with how each case ended.
    """
    ends, until, number = Counter(), time.monotonic() + seconds, first
    child, slowest = Child(seed, number), (0.0, 0)
    wait, begun = _START, time.monotonic()
    while time.monotonic() < until and (most is None or sum(ends.values()) < most):
        line = child.line(wait)
        if line is None:
            ends["finding"] += 1
            found({"number": number, "kind": "", "error": child.end()})
            number += 1
            child, wait = Child(seed, number), _START
        elif line.startswith("?"):
            number, wait, begun = int(line[2:]), SECONDS, time.monotonic()
        else:
            said = json.loads(line[2:])
            slowest = max(slowest, (time.monotonic() - begun, number))
            if ended is not None:
                ended[said["number"]] = said["end"]
            ends[f"{said.get('kind', '')} {said['end']}".strip()] += 1
            if said["end"] == "finding":
                found(said)
    child.end()
    return ends, slowest


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=2.0)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "xl_kpi_findings")
    options.add_argument("--only", type=int, help="examine this one case here, without a child")
    chosen = options.parse_args()
    import target

    if chosen.only is not None:
        kind, name, content, made = target.case(chosen.seed, chosen.only)
        with tempfile.TemporaryDirectory() as folder:
            print(kind, name, made and made.told)
            print(target.examine(kind, target.write_case(folder, name, content), made))
        return 0
    seen = Counter()

    def keep(said):
        kind = (said["error"].partition(":")[0], said.get("trace", "")[-200:])
        seen[kind] += 1
        print(json.dumps({k: v for k, v in said.items() if k != "trace"}, ensure_ascii=False), flush=True)
        if seen[kind] <= 5:
            _, name, content, _ = target.case(chosen.seed, said["number"])
            chosen.out.mkdir(parents=True, exist_ok=True)
            stem = chosen.out / f"{chosen.seed}_{said['number']}_{name}"
            stem.write_bytes(content)
            report = "\n".join(f"{key}: {value}" for key, value in said.items())
            stem.with_name(stem.name + ".report").write_text(report, encoding="utf-8")

    ends, (slow, which) = fuzz(chosen.seed, chosen.minutes * 60, keep)
    print(f"seed {chosen.seed}, {chosen.minutes:g} minutes: {sum(ends.values())} cases; {dict(ends)}")
    print(f"the slowest took {slow:.2f} s: case {which}")
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
