"""Compare the counted calls with those that the kernel sees, and kill at those (needs strace).

Run ``python tests/faults/kernel_calls.py [--kill]`` from the project's folder.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from books import sample_book
from fault_runs import Scenario, Server, files_of

_LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)")
_NAMES = {"openat": "create", "rename": "replace", "unlinkat": "unlink", "fchmodat": "chmod"}
_CHANGING = ("O_WRONLY", "O_RDWR", "O_CREAT")
_TRACED = "openat,write,pwrite64,writev,rename,renameat,renameat2,unlink,unlinkat,chmod,fchmod,fchmodat,fsync,fdatasync,ftruncate,mkdir,link,symlink,sendfile,copy_file_range"


def traced(folder, log, *more):
    """Run the command under strace; its exit code and the calls on the folder."""
    command = [
        "strace", "-f", "-y", "-s", "0", "-o", str(log), "-e", f"trace={_TRACED}", *more,
        sys.executable, "-m", "xl_kpi", "run", str(folder / "十月.xlsx"),
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True)
    octal = "".join(f"\\{byte:o}" if byte > 126 else chr(byte) for byte in str(folder).encode())
    calls = []
    for line in log.read_text("utf-8").splitlines():
        found = _LINE.match(line)
        if found is None or (octal not in line and str(folder) not in line):
            continue
        name = _NAMES.get(found[1], found[1])
        if name != "create" or any(flag in line for flag in _CHANGING):
            calls.append((name, found[1]))
    return ended.returncode, calls


def main():
    place = Path(tempfile.mkdtemp())
    folder, log = place / "folder", place / "log"
    folder.mkdir()
    sample_book(folder / "十月.xlsx")
    server = Server(place / "notes")
    work = Scenario(server, folder, ["run", "{folder}/十月.xlsx"], {"book": "十月.xlsx"}).measure()
    server.close()
    work.reset()
    status, seen = traced(folder, log)
    counted = [function for function, _ in work.calls]
    print("exit", status, "counted", len(counted), "kernel", len(seen))
    print("counted", dict(Counter(counted)))
    print("kernel ", dict(Counter(name for name, _ in seen)))
    same = counted == [name for name, _ in seen]
    print("the same in the same order" if same else "NOT the same")
    assert files_of(folder) == work.after
    if "--kill" in sys.argv:
        same &= kill(work, folder, log)
    shutil.rmtree(place)
    return 0 if same else 1


def kill(work, folder, log):
    """Kill at each of these calls of the kernel, by their number in the whole process."""
    kinds = ["openat", "write", "rename", "unlink", "chmod", "fsync"]
    points = sound = 0
    for kind in kinds:
        work.reset()
        traced(folder, log)
        lines = [line for line in log.read_text("utf-8").splitlines() if re.match(rf"(\d+ +)?{kind}\(", line)]
        numbers = [
            n for n, line in enumerate(lines, 1)
            if str(folder) in line and (kind != "openat" or any(flag in line for flag in _CHANGING))
        ]  # fmt: skip
        for number in numbers:
            work.reset()
            status, _ = traced(folder, log, "-e", f"inject={kind}:signal=KILL:when={number}")
            states = work.states()
            points += 1
            sound += status != 0 and not states["gone"] and not states["torn"]
    print(f"killed by the kernel at {points} calls, sound after {sound}")
    return points == sound


if __name__ == "__main__":
    sys.exit(main())
