"""Downloads from a server on the loopback, and archives made to do harm."""

import hashlib
import io
import os
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from minikeras.utils import file_utils, get_file
from parity.dataset_files import write_tar

CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT; half of it at /short, without a length at /unsized."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/unsized":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        half = len(CONTENT) // 2 if self.path == "/short" else None
        self.wfile.write(CONTENT[:half])

    def log_message(self, *args):
        """Nothing on stderr."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache folder of its own; gives the folder of the data sets in it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "datasets"


def names(folder) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


# ---- downloads


@pytest.mark.parametrize("name", ["data.bin", "unsized"])
def test_a_file_is_downloaded_once(server, home, name, capsys):
    origin = f"{server.url}/{name}"
    for _ in range(2):
        path = get_file(origin=origin, file_hash=SHA256)
        assert path == str(home / name) and Path(path).read_bytes() == CONTENT
    assert server.asked == [f"/{name}"] and names(home) == [name]
    out = capsys.readouterr().out
    assert out.startswith(f"Downloading data from {origin}\n")
    assert "256000" in out
    get_file(origin=origin, force_download=True)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"md5_hash": MD5},
        {"file_hash": MD5},
        {"file_hash": MD5, "hash_algorithm": "md5"},
        {"file_hash": SHA256, "hash_algorithm": "sha256"},
    ],
)
def test_either_hash_tells_whether_a_file_is_right(server, home, options):
    get_file("a", f"{server.url}/a", **options)
    (home / "a").write_bytes(b"changed")
    assert Path(get_file("a", f"{server.url}/a", **options)).read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_a_download_with_another_hash_is_refused(server, home):
    with pytest.raises(ValueError, match=f"incomplete or has changed.*{'0' * 64}"):
        get_file("a", f"{server.url}/a", file_hash="0" * 64)
    assert names(home) == []


def test_a_download_that_ends_early_leaves_nothing(server, home):
    with pytest.raises(OSError, match="ended after 128000 of 256000 bytes"):
        get_file("a", f"{server.url}/short")
    assert names(home) == []


def test_a_download_that_fails_leaves_what_was_there(server, home, capsys):
    home.mkdir(parents=True)
    (home / "a").write_bytes(b"of another version")
    for path, reason in (("/missing", "404"), ("/short", "ended after")):
        with pytest.raises(OSError, match=reason):
            get_file("a", server.url + path, file_hash=SHA256)
    assert (home / "a").read_bytes() == b"of another version"
    assert names(home) == ["a"]
    assert "its hash is not" in capsys.readouterr().out


def test_ctrl_c_leaves_nothing(server, home, monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(file_utils.Progbar, "update", stop)
    with pytest.raises(KeyboardInterrupt):
        get_file("a", f"{server.url}/a")
    assert names(home) == []


def test_without_a_network_the_error_names_file_and_folder(server, home):
    server.shutdown()
    server.server_close()
    with pytest.raises(OSError) as caught:
        get_file("a.npz", f"{server.url}/b.npz")
    message = str(caught.value)
    assert message.startswith(f"Cannot download {server.url}/b.npz: ")
    assert f"into the folder {home} as a.npz" in message and "<urlopen" not in message
    (home / "a.npz").write_bytes(b"by hand")
    assert get_file("a.npz", f"{server.url}/b.npz") == str(home / "a.npz")


# ---- folders and names


def test_the_folder_is_keras_s_own_or_as_asked(server, home, tmp_path, monkeypatch):
    origin = f"{server.url}/a"
    deeper = get_file(origin=origin, cache_subdir="b/c")
    assert deeper == str(home.parent / "b" / "c" / "a")
    other = get_file(origin=origin, cache_dir=tmp_path / "new", cache_subdir="")
    assert other == str(tmp_path / "new" / "a")
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert get_file(origin=origin) == str(tmp_path / ".keras" / "datasets" / "a")


def test_where_nothing_can_be_written_it_is_a_temporary_folder(
    server, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "file").write_text("no folder")
    path = get_file(origin=f"{server.url}/a", cache_dir=tmp_path / "file")
    assert path == str(tmp_path / ".keras" / "datasets" / "a")


MISTAKES = {
    "no origin": ({}, "`origin`.*None"),
    "folder": ({"fname": "a/b", "origin": "http://x/y"}, "`cache_dir`.*'a/b'"),
    "no name": ({"origin": "http://x/"}, "file name.*http://x/"),
    "up": ({"origin": "http://x/y/.."}, "file name"),
    "up, named": ({"fname": "..", "origin": "http://x/y"}, "file name"),
}


@pytest.mark.parametrize("label", MISTAKES)
def test_a_mistake_is_named(home, label):
    options, message = MISTAKES[label]
    with pytest.raises(ValueError, match=message):
        get_file(**options)
    assert not home.exists()


def test_an_unknown_algorithm_or_format_is_named(server, home):
    with pytest.raises(ValueError, match="'auto', 'md5' or 'sha256'.*'sha1'"):
        get_file("a", f"{server.url}/a", file_hash="0", hash_algorithm="sha1")
    with pytest.raises(ValueError, match="'tar', 'zip' or None.*'rar'"):
        get_file("a", f"{server.url}/a", extract=True, archive_format="rar")


# ---- archives


def written(folder) -> dict[str, bytes]:
    """The files below a folder and what is in them."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def write_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.bz2", "zip"])
def test_an_archive_is_unpacked(tmp_path, kind):
    files = {"a.txt": b"a", "in/b.txt": b"bb", "in/deep/c.txt": b""}
    source, target = tmp_path / f"x.{kind}", tmp_path / "out"
    if kind == "zip":
        write_zip(source, files)
    else:
        write_tar(source, files, f"w:{kind[4:]}")
    assert file_utils.extract_archive(source, str(target))
    assert written(target) == files
    (target / "a.txt").write_text("changed")
    (target / "in" / "mine.txt").write_text("mine")
    assert file_utils.extract_archive(source, str(target))
    assert written(target) == files | {"in/mine.txt": b"mine"}
    assert names(tmp_path) == ["out", source.name]


def test_what_is_no_archive_is_not_unpacked(tmp_path):
    source = tmp_path / "a"
    source.write_bytes(b"text")
    assert not file_utils.extract_archive(source, str(tmp_path / "out"))
    assert not file_utils.extract_archive(source, str(tmp_path / "out"), None)
    with pytest.warns(UserWarning, match="no archive of the format 'auto'"):
        get_file("b.c", source.as_uri(), extract=True, cache_dir=tmp_path)
    assert names(tmp_path) == ["a", "datasets"]


LEAVING = ["../evil", "/evil", "in/../../evil", "..\\evil"]


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_no_member_leaves_the_folder(tmp_path, kind):
    source, target = tmp_path / "x", tmp_path / "sub" / "out"
    target.parent.mkdir()
    absolute = str(tmp_path / "absolute")
    files = {name: b"evil" for name in [*LEAVING, absolute]} | {"good": b"good"}
    write_zip(source, files) if kind == "zip" else write_tar(source, files, "w")
    with pytest.warns(UserWarning, match="Skipped 5 members.*'../evil', .*…"):
        assert file_utils.extract_archive(source, str(target))
    assert written(tmp_path / "sub") == {"out/good": b"good"}
    assert not (tmp_path / "absolute").exists()


@pytest.mark.parametrize("link", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_no_link_is_made_nor_followed(tmp_path, link):
    """A link to a folder outside, then a file through it."""
    source, target = tmp_path / "x.tar", tmp_path / "out"
    outside = tmp_path / "outside"
    outside.mkdir()
    with tarfile.open(source, "w") as archive:
        info = tarfile.TarInfo("way")
        info.type, info.linkname = link, str(outside)
        archive.addfile(info)
        info = tarfile.TarInfo("way/evil")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"evil"))
    with pytest.warns(UserWarning, match="Skipped 1 members.*'way'"):
        file_utils.extract_archive(source, str(target))
    assert written(target) == {"way/evil": b"evil"}
    assert written(outside) == {} and not (target / "way").is_symlink()


@pytest.mark.parametrize("kind", ["tar.gz", "tar", "zip"])
def test_a_damaged_archive_leaves_nothing(tmp_path, kind):
    source, target = tmp_path / "x", tmp_path / "out"
    files = {"a": os.urandom(50_000), "b": os.urandom(50_000)}
    if kind == "zip":
        write_zip(source, files)
        content = bytearray(source.read_bytes())
        content[60_000] ^= 255  # a checksum of the second file tells
        source.write_bytes(content)
    else:
        write_tar(source, files, f"w:{kind[4:]}")
        source.write_bytes(source.read_bytes()[:80_000])
    with pytest.raises(ValueError, match="damaged.*Delete it"):
        file_utils.extract_archive(source, str(target))
    assert names(tmp_path) == ["x"]
