"""A process that has loaded everything and forks for each command that a test wants struck.

What a command reads and calculates before it writes is remembered by the content of the book, so
that each of hundreds of points costs the writing alone. Requests and answers are lines of JSON.
"""

import gc
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fault_points import Points

from xl_kpi.errors import InputError
from xl_kpi.excel.reader import RawBook

_known = {}


def main():
    _remember()
    from xl_kpi import cli

    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(_answer(cli, json.loads(line))), flush=True)


def _remember():
    from xl_kpi.excel import close, importing, run

    plan = _by_content(lambda path, book, **keywords: real_plan(book, path, **keywords))
    real_plan, close.plan_closing = close.plan_closing, lambda book, path, **kw: plan(path, book, **kw)
    run.check_book = _by_content(run.check_book)
    importing.plan_import = _by_content(importing.plan_import)
    of_outcome, made = run.changes, {}

    def changes(outcome):
        if id(outcome) not in made:
            made[id(outcome)] = of_outcome(outcome), outcome
        return made[id(outcome)][0]

    run.changes = close.changes = changes


def _by_content(function):
    def call(path, *args, **keywords):
        keywords.pop("progress", None)
        try:
            content = Path(path).read_bytes()
        except OSError:
            return function(path, *args, **keywords)
        asked = [a for a in args if not isinstance(a, RawBook)]
        key = repr((function.__name__, os.path.abspath(path), asked, keywords)), content
        if key not in _known:
            _known[key] = function(path, *args, **keywords)
        return _known[key]

    return call


def _answer(cli, request):
    if "learn" in request:
        _learn(request)
        return {}
    if "resume" in request:
        os.kill(request["resume"], signal.SIGCONT)
        return _ended(request["resume"], request)
    out, err, told = (f"{request['notes']}.{kind}" for kind in ("out", "err", "calls"))
    child = os.fork()
    if child == 0:
        _become(cli, request, out, err, told)
    if "wait" in request:
        _, status = os.waitpid(child, os.WUNTRACED)
        return {"stopped": child if os.WIFSTOPPED(status) else None}
    return _ended(child, request)


def _ended(child, request):
    _, status = os.waitpid(child, 0)
    notes = request["notes"]
    calls = Path(f"{notes}.calls")
    answer = {
        "status": os.waitstatus_to_exitcode(status),
        "out": Path(f"{notes}.out").read_text("utf-8"), "err": Path(f"{notes}.err").read_text("utf-8"),
        "calls": json.loads(calls.read_text("utf-8")) if calls.exists() else None,
    }  # fmt: skip
    calls.unlink(missing_ok=True)
    return answer


def _learn(request):
    """Read and calculate in this process, where the forks find it."""
    from xl_kpi.excel import close, importing, run
    from xl_kpi.excel.reader import read_book

    path, files, period = Path(request["learn"]), request.get("files"), request.get("period")
    try:
        if files:
            importing.plan_import(path, [Path(f) for f in files], None, period, estimate=False)
        elif "closed_by" in request:
            who = {"closed_by": request["closed_by"], "accept_unripe": True, "now": None}
            run.changes(close.plan_closing(read_book(path), path, **who).outcome)
        else:
            outcome = run.check_book(path, None)
            if outcome.runs and not outcome.count("error"):
                run.changes(outcome)
    except InputError:  # the command itself will say so
        pass


def _become(cli, request, out, err, told):
    os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.dup2(os.open(err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    real_open, real_exit = open, os._exit
    if "clock" in request:
        now = request["clock"]
        time.time, time.time_ns = (lambda: now), (lambda: now * 1_000_000_000)
        local = time.localtime
        time.localtime = lambda seconds=None: local(now if seconds is None else seconds)
    if "limit" in request:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (request["limit"],) * 2)
    points = Points(request["folder"], request.get("strike"))
    points.install()
    status = 99
    try:
        status = cli.main(request["command"])
    except SystemExit as error:
        status = error.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    with real_open(told, "w", encoding="utf-8") as file:
        json.dump(points.calls, file)
    real_exit(status)


if __name__ == "__main__":
    main()
