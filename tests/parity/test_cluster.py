"""Work by turns on a Dask cluster of this machine: two processes of one thread."""

import importlib.util
import multiprocessing

import pytest
from distributed import LocalCluster

from parity import __main__ as parity
from parity import cluster
from parity.fuzz import command as fuzz
from parity.mutants import command as mutants
from parity.turns import TurnsError, working
from tests.parity import made_up_work as work
from tests.parity.test_mutants import NO_FAULT, RATE


@pytest.fixture(scope="module")
def address():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as local:
        yield local.scheduler_address
    assert not multiprocessing.active_children()


def test_two_processes_share_the_work(address):
    with working(work.Counter, 2, address) as team:
        ended = [team.submit(work.Counter.count, item) for item in range(20)]
        found = [future.result() for future in ended]
        assert team.run(work.Counter.count, 20)[0] == 20
    assert [item for item, _, _ in found] == list(range(20))
    per_process: dict[int, list[int]] = {}
    for _, process, number in found:
        per_process.setdefault(process, []).append(number)
    assert len(per_process) == 2
    for numbers in per_process.values():  # one worker in each, which stays
        assert numbers == list(range(1, len(numbers) + 1))


def test_workers_are_made_anew_and_sent_home(address, tmp_path):
    for team_number in (1, 2):
        log = tmp_path / str(team_number)
        make = work.Noting(log)
        with working(make, 2, address) as team:
            assert team.run(work.nothing, 1) is None
            assert log.read_text() == "made\n"
        assert log.read_text() == "made\nended\n"


def test_an_error_comes_back_as_it_is(address):
    with working(work.Counter, 2, address) as team:
        with pytest.raises(ZeroDivisionError):
            team.run(work.fail, 0)
        assert team.run(work.Counter.count, 3)[0] == 3


def test_workers_without_the_files_of_this_checkout(address, monkeypatch, tmp_path):
    monkeypatch.setattr(cluster, "ROOT", tmp_path)
    with pytest.raises(TurnsError, match="does not have the files of this checkout"):
        with working(work.Counter, 2, address):
            pytest.fail("nobody should work")


def test_workers_that_cannot_import_it(address, monkeypatch, capsys):
    nowhere = work.Unknown()  # its class cannot be found by its name
    monkeypatch.setattr(cluster, "fingerprint", nowhere)
    assert parity.main(["fuzz", "--n", "1", "--scheduler", address]) == 2
    said = capsys.readouterr().err
    assert "a Dask worker cannot import what it is to do" in said
    assert f"start it with PYTHONPATH={cluster.ROOT}" in said


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense"])
def test_nobody_there(address, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "ANSWER_LIMIT", 0.2)
    assert parity.main(["mutants", "--scheduler", address]) == 2
    said = capsys.readouterr().err
    assert f"no Dask scheduler answers at {address}" in said


def test_without_dask(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert parity.main(["mutants", "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "pip install '.[cluster]'" in capsys.readouterr().err


@pytest.mark.slow
def test_mutants(address, monkeypatch, capsys):
    monkeypatch.setattr(mutants, "FAULTS", (RATE, NO_FAULT))
    assert parity.main(["mutants", "--scheduler", address]) == 1
    said = capsys.readouterr().out
    assert f"{RATE.name}\n    goldens: constraints." in said
    assert f"{NO_FAULT.name}: NOT FOUND" in said


@pytest.mark.slow
def test_fuzz(address, capsys):
    """Beside minikeras itself, so that no worker imports TensorFlow."""
    arguments = ["--n", "2", "--seed", "7", "--scheduler", address]
    assert fuzz.main(arguments, other="minikeras") == 0
    said = capsys.readouterr().out
    assert "draw 0: agree exactly" in said and "draw 1: " in said
