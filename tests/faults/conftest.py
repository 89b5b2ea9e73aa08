"""One server and one measuring of each command for all tests of this folder."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def fault_server(tmp_path_factory):
    from fault_runs import Server

    server = Server(tmp_path_factory.mktemp("faults") / "notes")
    yield server
    server.close()


@pytest.fixture(scope="session")
def measured(fault_server, tmp_path_factory):
    """A command by its name in ``fault_scenarios``, its folder as it was before."""
    from fault_scenarios import scenario

    known = {}

    def get(name):
        if name not in known:
            known[name] = scenario(name, fault_server, tmp_path_factory.mktemp(name))
        known[name].reset()
        return known[name]

    return get
