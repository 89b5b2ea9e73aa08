"""What all tests share."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    """Where nothing may be skipped, a skip fails the run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("XL_KPI_ALLOW_SKIP") == "no":
        terminalreporter.write_line(f"{len(skipped)} skipped, and none may be", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("XL_KPI_ALLOW_SKIP") == "no" and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
