"""Examines one case after the other in a process of its own: ``worker.py SEED FIRST``.

Says on its output which case begins (``?``) and how it ended (``=``); 1 GB more than at its start
is all the memory that it gets.
"""

import json
import os
import resource
import sys
import tempfile
import traceback
from pathlib import Path

os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # its own sets a gigabyte of addresses apart
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import target  # noqa: E402

MEMORY = 1 << 30


def limit_memory():
    """A gigabyte more than now; whoever wants more gets a MemoryError or dies."""
    import duckdb
    import pandas as pd

    pd.Series(["a", None], dtype="str").str.strip().unique()  # loads Arrow
    duckdb.execute("set threads = 1")
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main():
    seed, number = sys.argv[1], int(sys.argv[2])
    limit_memory()
    with tempfile.TemporaryDirectory(prefix="xl_kpi_fuzz_") as folder:
        while True:
            print("?", number, flush=True)
            said = {"number": number}
            try:
                kind, name, content, made = target.case(seed, number)
                path = target.write_case(folder, name, content)
                said["kind"] = kind
                said["end"] = target.examine(kind, path, made)
                path.unlink()
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt | BrokenPipeError):
                    raise
                said["end"] = "finding"
                said["error"] = f"{type(error).__name__}: {error}"[:500]
                said["trace"] = traceback.format_exc()[-3000:]
                said["told"] = getattr(made, "told", None) if "kind" in said else None
            print("=", json.dumps(said, ensure_ascii=False), flush=True)
            number += 1


if __name__ == "__main__":
    main()
