"""Goldens: what `record` writes, what `--golden` finds, and damage of all kinds."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from parity import REFERENCE, builtin, sides
from parity import __main__ as parity
from parity.case import CASES
from parity.golden import command, store
from parity.golden.pack import condense
from parity.golden.source import hash_of
from parity.library import Library
from parity.record import run_case
from parity.sides import VERSIONS

NAMES = ["random.seeds", "random.uniform_draws", "iris.initial_weights"]
MADE_WITH = {**REFERENCE, "numpy": "2.0.0"}
WITHOUT_TENSORFLOW = "raise ImportError('blocked')\n"


@pytest.fixture(scope="session")
def computed():
    """What minikeras computes for NAMES."""
    library = Library("minikeras")
    return {name: run_case(name, library) for name in NAMES}


@pytest.fixture(autouse=True)
def sides_made_up(computed, monkeypatch):
    """minikeras's results for both sides; only NAMES exist."""
    for module in (command, builtin):
        monkeypatch.setattr(module, "CASES", {name: CASES[name] for name in NAMES})
        monkeypatch.setattr(module, "RUNS", {})
    monkeypatch.setattr(sides, "has_tensorflow", lambda: False)

    def run(names, libraries=sides.LIBRARIES):
        copies = {n: {**o, "results": dict(o["results"])} for n, o in computed.items()}
        found = {"keras": MADE_WITH, "minikeras": {"minikeras": "0", "numpy": "2"}}
        return [{VERSIONS: found[library], **copies} for library in libraries]

    monkeypatch.setattr(sides, "run", run)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A golden of minikeras's own results, for what tf.keras gave."""
    with monkeypatch.context() as patch:
        patch.setattr(sides, "has_tensorflow", lambda: True)
        assert parity.main(["record", "--out", str(tmp_path)]) == 0
    return tmp_path


def change(path: Path, edit) -> None:
    """A whole file with other content."""
    content = store.read(path, "")
    edit(content)
    store.write(path, content)


def said_by(capsys, *arguments) -> str:
    """The one line of a command that ends with status 2."""
    capsys.readouterr()  # what others have said before
    assert parity.main([str(a) for a in arguments]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_what_was_recorded_agrees(folder, capsys):
    assert sorted(p.name for p in folder.iterdir()) == ["iris.npz", "random.npz"]
    assert parity.main(["--golden", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "all agree" in said
    assert "golden's keras 3.15.1" in said and "golden's cpu" in said


@pytest.mark.parametrize("key", ["next 1", "config"])
def test_a_difference_is_found(folder, capsys, key):
    def edit(content):
        results = content["cases"]["random.seeds"]["results"]
        value = results[key]
        results[key] = value + 1 if isinstance(value, np.ndarray) else {"seed": 1}

    change(folder / "random.npz", edit)
    assert parity.main(["--golden", str(folder)]) == 1
    assert f"random.seeds: {key}: " in capsys.readouterr().out


@pytest.mark.parametrize("index", [0, 1, 10**6 - 1])
def test_each_entry_of_a_large_exact_array_counts(folder, computed, capsys, index):
    """Entry 1 is not in the sample: the hash alone sees it."""
    case, key = "random.uniform_draws", "shape (1000000,)"
    x = computed[case]["results"][key].copy()
    x[index] = np.nextafter(x[index], np.float32(2))

    def edit(content):
        content["cases"][case]["results"][key] = condense(x)

    change(folder / "random.npz", edit)
    assert parity.main(["--golden", str(folder)]) == 1
    assert f"{case}: {key}" in capsys.readouterr().out


def test_a_large_array_of_another_shape_is_said_in_a_word(folder, capsys):
    def edit(content):
        results = content["cases"]["random.uniform_draws"]["results"]
        results["shape (784, 512)"] = np.zeros(3)

    change(folder / "random.npz", edit)
    assert parity.main(["--golden", str(folder)]) == 1
    assert "'float64(3,)' != 'float32(784, 512)'" in capsys.readouterr().out


def damaged(data: bytes, how: str) -> bytes:
    middle = len(data) // 2
    return {
        "truncated": data[:middle],
        "empty": b"",
        "a bit flipped": data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :],
        "the hash flipped": data[:-1] + bytes([data[-1] ^ 1]),
        "something behind it": data + b"\n",
        "a text": b"version https://git-lfs.github.com/spec/v1\n",
        "another zip": b"PK\x05\x06" + bytes(18),
    }[how]


@pytest.mark.parametrize(
    "how",
    [
        "truncated",
        "empty",
        "a bit flipped",
        "the hash flipped",
        "something behind it",
        "a text",
        "another zip",
    ],
)
def test_damage_names_the_file_and_the_remedy(folder, capsys, how):
    path = folder / "random.npz"
    path.write_bytes(damaged(path.read_bytes(), how))
    said = said_by(capsys, "--golden", folder)
    assert f"{path} is " in said
    assert "damaged, its hash does not match" in said or "no .npz file" in said
    assert f"python -m parity record --only random --out {folder}" in said


def test_each_flipped_bit_is_noticed(folder):
    path = folder / "iris.npz"
    data = path.read_bytes()
    for index in range(len(data)):
        path.write_bytes(
            data[:index] + bytes([data[index] ^ (1 << index % 8)]) + data[index + 1 :]
        )
        with pytest.raises(store.GoldenError):
            store.read(path, "")


def test_a_npz_of_somebody_else(folder, capsys):
    np.savez(folder / "random.npz", x=np.zeros(3))
    assert "random.npz is damaged" in said_by(capsys, "--golden", folder)
    with zipfile.ZipFile(folder / "iris.npz", "w"):
        pass
    assert "iris.npz is damaged" in said_by(
        capsys, "--golden", folder, "--only", "iris"
    )


def test_missing_files_and_folders(folder, capsys):
    (folder / "random.npz").unlink()
    said = said_by(capsys, "--golden", folder)
    assert f"there is no golden {folder / 'random.npz'}: record it" in said
    said = said_by(capsys, "--golden", folder / "nowhere")
    assert "there is no golden" in said
    assert parity.main(["--golden", str(folder), "--only", "iris"]) == 0
    (folder / "random.npz").mkdir()
    assert "cannot be read" in said_by(capsys, "--golden", folder)


def test_a_missing_case(folder, capsys):
    change(folder / "random.npz", lambda c: c["cases"].pop("random.seeds"))
    assert "random.npz lacks the case random.seeds" in said_by(
        capsys, "--golden", folder
    )


def test_another_version_of_a_case(folder, capsys):
    def edit(content):
        content["cases"]["random.seeds"]["source"] = hash_of(NAMES[1])

    change(folder / "random.npz", edit)
    said = said_by(capsys, "--golden", folder)
    assert "random.seeds was recorded from another version of this case" in said
    assert "record it again" in said


def test_another_version_of_keras(folder, capsys):
    change(folder / "random.npz", lambda c: c[VERSIONS].update(keras="3.14.0"))
    said = said_by(capsys, "--golden", folder)
    assert "random.npz was recorded with keras 3.14.0, and not 3.15.1" in said
    said = said_by(capsys, "--golden", folder, "--against", folder)
    assert "was recorded with keras" in said


def test_another_format(folder, capsys):
    change(folder / "random.npz", lambda c: c.update(format=2))
    assert "has format 2, and not 1" in said_by(capsys, "--golden", folder)


def test_two_goldens(folder, tmp_path_factory, capsys):
    other = tmp_path_factory.mktemp("other")
    for path in folder.iterdir():
        (other / path.name).write_bytes(path.read_bytes())

        def edit(content):
            content[VERSIONS]["keras"] = "3.14.0"
            for name, outcome in content["cases"].items():
                if name == "random.seeds":
                    outcome["results"]["next 1"] += 1
                if name == "iris.initial_weights":
                    outcome.update(error="Traceback\nTypeError: no\n", results={})

        change(other / path.name, edit)
    assert parity.main(["--golden", str(folder), "--against", str(folder)]) == 0
    assert parity.main(["--golden", str(other), "--against", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "iris.initial_weights: keras 3.14.0: raised TypeError: no" in said
    assert "random.seeds: next 1: at (0,): keras 3.14.0 " in said
    assert "minikeras" not in said


def test_against_needs_a_golden(capsys):
    assert "--against needs --golden" in said_by(capsys, "--against", "somewhere")


def test_record_needs_tensorflow(capsys):
    assert "record needs TensorFlow" in said_by(capsys, "record")


def test_the_goldens_of_the_repository_are_of_one_version(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    monkeypatch.setattr(command, "DATA", tmp_path / "data")
    data = str(tmp_path / "data")
    monkeypatch.setattr(command.metadata, "version", lambda package: "0.0")
    said = said_by(capsys, "record", "--out", data)
    assert "tensorflow 0.0 is installed" in said and "--out" in said
    assert not (tmp_path / "data").exists()


def test_a_failing_case_is_stored_but_not_in_the_repository(
    monkeypatch, tmp_path, capsys, computed
):
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    monkeypatch.setattr(command, "DATA", tmp_path / "data")
    monkeypatch.setattr(command, "_refuse_other_versions", lambda: None)
    failed = {"results": {}, "error": "Traceback\nTypeError: no\n", "seconds": 0.0}
    monkeypatch.setitem(computed, "random.seeds", failed)
    said = said_by(capsys, "record", "--out", tmp_path / "data")
    assert "random.seeds raised TypeError: no; nothing was written" in said
    assert not (tmp_path / "data").exists()
    assert parity.main(["record", "--out", str(tmp_path / "other")]) == 0
    assert "random.seeds raised TypeError: no" in capsys.readouterr().out


def test_record_of_nothing_and_to_nowhere(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    said = said_by(capsys, "record", "--only", "nonsense", "--out", tmp_path)
    assert "no case has 'nonsense' in its name" in said
    (tmp_path / "file").touch()
    said = said_by(capsys, "record", "--out", tmp_path / "file")
    assert "random.npz cannot be written" in said


def test_record_takes_whole_topics(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sides, "has_tensorflow", lambda: True)
    arguments = ["record", "--only", "random.seeds", "--out", str(tmp_path)]
    assert parity.main(arguments) == 0
    assert capsys.readouterr().out.startswith("2 cases, 1 files, 0.0")
    (path,) = tmp_path.iterdir()
    assert list(store.read(path, "")["cases"]) == NAMES[:2]


@pytest.mark.slow
def test_minikeras_agrees_with_the_goldens_without_tensorflow(tmp_path):
    """All built-in cases have a golden, and TensorFlow is not even installed."""
    for name in ("tensorflow", "keras"):
        (tmp_path / f"{name}.py").write_text(WITHOUT_TENSORFLOW)
    environment = sides.environment()
    environment["PYTHONPATH"] = f"{tmp_path}:{environment['PYTHONPATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "parity", "--golden"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "all agree" in done.stdout
