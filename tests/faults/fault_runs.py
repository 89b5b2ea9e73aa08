"""Commands run and struck in a folder that is put back as it was before each of them."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

SERVER = Path(__file__).with_name("fault_server.py")


class Server:
    """The process that forks for each command; see ``fault_server.py``."""

    def __init__(self, notes):
        self._notes = str(notes)
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(SERVER)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip

    def ask(self, **request):
        request.setdefault("notes", self._notes)
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@dataclass
class Ended:
    """How a command ended: exit code (negative: the signal), what it said, its calls."""

    status: int
    out: str
    err: str
    calls: list | None


@dataclass
class Scenario:
    """A command, the folder that it works in, and which states of it are allowed.

    Attributes:
        command: its arguments, with ``{folder}`` for the folder.
        before: the files by name before it.
        after: the files by name when it is done, once ``measure`` has found out.
        learn: what the server is told to read before.
    """

    server: Server
    folder: Path
    command: list
    learn: dict
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)

    def measure(self):
        """Run it undisturbed, twice: the states before and after, and its calls."""
        self.before = files_of(self.folder)
        self._learn()
        ended = self.run()
        assert ended.status == 0, ended
        self.after, self.calls = files_of(self.folder), ended.calls
        self._learn()
        return self

    def _learn(self):
        if self.learn:
            more = {key: value for key, value in self.learn.items() if key not in ("book", "files")}
            files = [str(file) for file in self.learn.get("files", ())]
            self.server.ask(learn=str(self.folder / self.learn["book"]), files=files, **more)

    def reset(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, content in self.before.items():
            (self.folder / name).write_bytes(content)

    def run(self, *, reset=False, **request):
        """Run the command, or another one, to its end."""
        if reset:
            self.reset()
        return Ended(**self.run_raw(**request))

    def run_raw(self, **request):
        command = [part.replace("{folder}", str(self.folder)) for part in self.command]
        return self.server.ask(**({"command": command, "folder": str(self.folder)} | request))

    def points(self, every=1):
        """The numbers of the calls; of writes that follow one another the first and every n-th."""
        row, found = 0, []
        for number, (function, _) in enumerate(self.calls, 1):
            row = row + 1 if function == "write" else 0
            if row <= 1 or row % every == 0:
                found.append(number)
        return found

    def struck(self, **strike):
        """Run it in the folder as it was, with something happening at a point."""
        return self.run(reset=True, strike=strike)

    def states(self):
        """The files that are neither as before nor as after, and those that should not be there."""
        now = files_of(self.folder)
        gone = [name for name in self.before if name not in now]
        whole = [*self.before.values(), *self.after.values()]
        torn = [
            name for name, content in now.items()
            if content not in (self.before.get(name), self.after.get(name)) and not is_hidden(name)
            and not ("备份" in name and content in whole)
        ]  # fmt: skip
        return {"gone": gone, "torn": torn, "hidden": [name for name in now if is_hidden(name)]}


def is_hidden(name):
    return name.startswith(".")


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}
