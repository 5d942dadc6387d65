"""The download, against a real server with all the faults of servers and networks."""

import contextlib
import gzip
import hashlib
import io
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from conftest import idx, need
from loopback import free_ports
from processes import finish, run, start

import mnistdata


@pytest.fixture
def files(digits):
    return {name: gzip.compress(idx(a), 1) for name, a in zip(mnistdata.FILES, digits, strict=True)}


NOTHING = dict.fromkeys(mnistdata.FILES)  # nothing cached by an earlier run
LAST = list(mnistdata.FILES)[-1]


class Mirror:
    """A server on the loopback. `faults`: what it does to each request in turn; after that it serves well."""

    def __init__(self, files):
        self.files, self.faults, self.requests = files, [], []
        self.over = threading.Event()
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.requests.append(self.path)
                fault = mirror.faults.pop(0) if mirror.faults else "none"
                mirror.serve(self, fault, mirror.files[self.path.rsplit("/", 1)[-1].removesuffix(".gz")])

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/mnist/"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def serve(self, request, fault, data):
        if fault == "silent":
            self.over.wait(20)
        elif fault == "not http":
            request.wfile.write(b"hello\r\n\r\n")
        elif fault in ("redirect", "loop") or "/loop/" in request.path:
            request.send_response(302)
            folder = "elsewhere/" if fault == "redirect" else "loop/"
            request.send_header("Location", self.url + folder + request.path.rsplit("/", 1)[-1])
            request.end_headers()
        elif fault in (404, 503):
            request.send_error(fault)
        elif fault != "hangs up":
            request.send_response(200)
            request.send_header("Content-Length", str(10**9 if fault == "too long" else len(data)))
            if fault == "called encoded":  # as servers do that know .gz files by their name only
                request.send_header("Content-Encoding", "gzip")
            request.end_headers()
            with contextlib.suppress(OSError):  # the other side hangs up
                self.send_body(request.wfile, fault, data)

    def send_body(self, wire, fault, data):
        half = data[: len(data) // 2]
        if fault == "too long":
            for _ in range(1000):
                wire.write(data + bytes(100_000))
        elif fault == "wrong bytes":
            wire.write(half + bytes(len(data) - len(half)))
        elif fault == "cut":
            wire.write(half)
        elif fault == "stalls":
            wire.write(half)
            self.over.wait(20)
        elif fault == "crawls":
            for byte in half:
                wire.write(bytes([byte]))
                if self.over.wait(0.02):
                    break
        else:
            wire.write(data)

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def mirrors(files, monkeypatch):
    """Two mirrors that bring small files, each with its true size and SHA-256."""
    both = [Mirror(files), Mirror(files)]
    facts = {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()}
    monkeypatch.setattr(mnistdata, "MIRRORS", [mirror.url for mirror in both])
    monkeypatch.setattr(mnistdata, "FILES", facts)
    monkeypatch.setattr(mnistdata, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(mnistdata, "PART_SECONDS", 0.5)
    monkeypatch.setenv("no_proxy", "*")
    yield both
    for mirror in both:
        mirror.close()


def is_right(loaded, digits):
    return all(np.array_equal(got, wanted) for got, wanted in zip(loaded[:4], digits, strict=True))


def test_a_download_is_cached_and_used_again(mirrors, digits, capsys):
    assert is_right(mnistdata.load(), digits)
    requests = len(mirrors[0].requests)
    assert requests == 4 and not mirrors[1].requests
    again = mnistdata.load()
    assert is_right(again, digits) and "cached in" in again[4]
    assert len(mirrors[0].requests) == requests
    assert sorted(p.stem for p in mnistdata.cache_folder().iterdir()) == sorted(mnistdata.FILES)
    assert capsys.readouterr().err == ""


def test_a_file_arrives_as_its_bytes_whatever_encoding_the_mirror_declares(mirrors, digits, capsys):
    mirrors[0].faults = ["called encoded"] * 4
    assert is_right(mnistdata.load(), digits)
    assert len(mirrors[0].requests) == 4 and capsys.readouterr().err == ""


FAULTS = {
    "cut": "",  # in the words of urllib3 or, if it does not check the length, in ours
    "wrong bytes": "not the expected file",
    "too long": "not the expected file",
    "stalls": "no answer, or too slow",
    "crawls": "no answer, or too slow",
    "silent": "no answer, or too slow",
    "not http": "hello",
    "hangs up": "Remote end closed connection without response",
    "loop": "Exceeded 30 redirects",
    404: "HTTP status 404 Not Found",
    503: "HTTP status 503 Service Unavailable",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_an_error_which_is_one_sentence_the_next_mirror_is_tried(mirrors, digits, fault, capsys):
    mirrors[0].faults = ["none", fault]
    assert is_right(mnistdata.load(), digits)
    assert len(mirrors[1].requests) >= 1
    [said] = capsys.readouterr().err.splitlines()
    url = mirrors[0].url + list(mnistdata.FILES)[1] + ".gz"
    assert said.startswith(f"{url}: {FAULTS[fault]}") and len(said) < len(url) + 80 and said[-1] == "."


def test_a_body_that_is_too_long_is_not_read_to_its_end(mirrors, capsys):
    mirrors[0].faults, (name, (size, _)) = ["too long"], list(mnistdata.FILES.items())[0]
    mnistdata.download_from_any([mirrors[0].url], name)
    read = re.search(r"\(([\d,]+) of", capsys.readouterr().err)[1]
    assert size < int(read.replace(",", "")) <= size + mnistdata.PART


def test_without_a_working_mirror_there_is_no_download_and_nothing_is_cached(mirrors, capsys):
    """Not even the files that have arrived."""
    mirrors[0].faults, mirrors[1].faults = ["none", 404], [404]
    assert mnistdata.downloaded_digits(NOTHING) is None
    assert not mnistdata.cache_folder().exists()
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_redirection_is_followed(mirrors, digits):
    mirrors[0].faults = ["redirect"]
    assert is_right(mnistdata.load(), digits)
    assert "elsewhere" in mirrors[0].requests[1] and not mirrors[1].requests


def test_a_mirror_that_recovers_is_asked_again(mirrors, digits):
    mirrors[0].faults = [503]
    mirrors[1].faults = ["none", 503, 503, 503]
    assert is_right(mnistdata.load(), digits)
    assert len(mirrors[0].requests) == 4


def test_without_an_answer_each_mirror_is_waited_for_once(mirrors, digits):
    mirrors[0].faults, mirrors[1].faults = ["silent"], ["none", "silent"]
    started = time.monotonic()
    assert mnistdata.downloaded_digits(NOTHING) is None
    assert time.monotonic() - started < 2 * mnistdata.ANSWER_SECONDS + 2
    assert (len(mirrors[0].requests), len(mirrors[1].requests)) == (1, 2)


@pytest.mark.parametrize("answer", ["none", "Name or service not known"])
def test_a_name_that_is_not_found_or_not_even_answered_for(mirrors, answer, monkeypatch, capsys):
    """Looking up a name has no timeout of its own; a network that swallows everything takes half a minute."""

    def look_up(*_):
        if answer == "none":
            mirrors[0].over.wait(20)
        raise socket.gaierror(socket.EAI_NONAME, answer)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    started = time.monotonic()
    assert mnistdata.download_from_any(["http://mirror.invalid/"], LAST) is None
    assert time.monotonic() - started < mnistdata.ANSWER_SECONDS + 2
    reason = "no answer, or too slow" if answer == "none" else answer
    assert capsys.readouterr().err == f"http://mirror.invalid/{LAST}.gz: {reason}.\n"


# ------------------------------------------------------------------------------------ proxies, certificates


def test_a_proxy_of_the_environment_is_used(mirrors, digits, monkeypatch):
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", mirrors[1].url)
    monkeypatch.setattr(mnistdata, "MIRRORS", ["http://mirror.invalid/mnist/"])
    assert is_right(mnistdata.load(), digits)
    assert all(path.startswith("http://mirror.invalid/") for path in mirrors[1].requests)


def test_a_proxy_that_does_not_do_its_work_is_one_sentence(mirrors, monkeypatch, capsys):
    monkeypatch.delenv("no_proxy")
    [port] = free_ports(1)
    for proxy, reason in (mirrors[0].url, "Tunnel connection failed: 501"), (f"http://127.0.0.1:{port}", ""):
        monkeypatch.setenv("https_proxy", proxy)
        assert mnistdata.download_from_any(["https://mirror.invalid/"], LAST) is None
        [said] = capsys.readouterr().err.splitlines()
        assert said.startswith(f"https://mirror.invalid/{LAST}.gz: the proxy: {reason}") and len(said) < 140


def test_an_unknown_certificate_is_one_sentence_and_can_be_made_known(mirrors, digits, monkeypatch, capsys):
    need("openssl")
    folder = mnistdata.cache_folder().parent
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mirror"
    command += " -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server = mirrors[0].server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setattr(mnistdata, "MIRRORS", [mirrors[0].url.replace("http:", "https:")])

    assert mnistdata.downloaded_digits(NOTHING) is None
    said = capsys.readouterr().err
    assert re.fullmatch(r"https://\S+: self.signed certificate\.\n", said)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "certificate.pem"))
    assert is_right(mnistdata.load(), digits)


# ----------------------------------------------------------------------------------------------- the cache


def test_a_damaged_cache_heals(mirrors, digits, capsys):
    mnistdata.load()
    for name, damage in zip(mnistdata.FILES, (lambda data: data[:-9], lambda data: b"")):
        path = mnistdata.cache_folder() / f"{name}.gz"
        path.write_bytes(damage(path.read_bytes()))
    mirrors[0].requests.clear()
    assert is_right(mnistdata.load(), digits)
    assert len(mirrors[0].requests) == 2  # what was whole stays
    assert capsys.readouterr().err.count("damaged, skipped") == 2
    assert "cached in" in mnistdata.load()[4] and capsys.readouterr().err == ""


def test_where_nothing_can_be_cached_it_works_without(mirrors, digits, tmp_path, monkeypatch, capsys):
    (tmp_path / "a file").touch()
    monkeypatch.setattr(mnistdata, "cache_folder", lambda: tmp_path / "a file" / "cache")
    assert is_right(mnistdata.load(), digits)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_without_a_home_folder_it_works_without_a_cache(
    mirrors, digits, tmp_path, monkeypatch, capsys, real_cache_folder
):
    """A container's user may have neither HOME nor an entry in passwd."""
    monkeypatch.setattr(mnistdata, "cache_folder", real_cache_folder)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    for name in "XDG_CACHE_HOME", "LOCALAPPDATA":
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert is_right(mnistdata.load(), digits)
    assert not list(tmp_path.iterdir())  # in particular no folder named ~
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_half_written_files_of_killed_runs_are_removed(mirrors, digits, tmp_path):
    """Those of a run that may still be alive stay, and so does whatever else is there."""
    killed = f"""
import os, signal, pathlib, mnistdata
mnistdata.cache_folder = lambda: pathlib.Path({str(tmp_path / "cache")!r})
os.replace = pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGTERM)
mnistdata.MIRRORS, mnistdata.FILES = {mnistdata.MIRRORS!r}, {mnistdata.FILES!r}
mnistdata.load()
"""
    run("-c", killed, KERAS_HOME=tmp_path, no_proxy="*")
    (half_written,) = mnistdata.cache_folder().iterdir()
    somebodys = mnistdata.cache_folder() / ".notes.1.gz"
    somebodys.touch()
    os.utime(somebodys, (0, 0))

    mnistdata.load()
    assert half_written.exists() and somebodys.exists()

    long_ago = time.time() - 2 * mnistdata.ABANDONED_SECONDS
    os.utime(half_written, (long_ago, long_ago))
    (mnistdata.cache_folder() / f"{list(mnistdata.FILES)[0]}.gz").unlink()  # so that the cache is written
    mnistdata.load()
    assert not half_written.exists() and somebodys.exists()


class BrokenTerminal(io.StringIO):
    def isatty(self):
        return True

    def write(self, text):
        raise BrokenPipeError


CLOSED = io.StringIO()
CLOSED.close()


@pytest.mark.parametrize("stderr", [None, CLOSED, BrokenTerminal()], ids=["none", "closed", "broken"])
def test_without_standard_error_a_download_goes_on_in_silence(stderr, mirrors, digits, monkeypatch, capsys):
    """Standard error is None in `python own_program.py 2>&-`, and print would then take standard output."""
    monkeypatch.setattr(sys, "stderr", stderr)
    mirrors[0].faults = ["none", 503]
    assert is_right(mnistdata.load(), digits)
    assert len(mirrors[0].requests) == 4 and capsys.readouterr().out == ""


def test_progress_is_shown_on_a_terminal(mirrors, digits, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    mnistdata.load()
    said = capsys.readouterr().err
    assert said.count("100%\n") == 4 and "\rt10k-images-idx3-ubyte.gz from 127.0.0.1" in said


def test_a_full_disk_leaves_no_half_file(mirrors, digits, tmp_path, capsys):
    resource = pytest.importorskip("resource", reason="limits on file sizes are a thing of Unix")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        assert is_right(mnistdata.load(), digits)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "cannot be cached" in capsys.readouterr().err
    cached = list(mnistdata.cache_folder().iterdir())
    assert all(mnistdata.read_cached(path.name, mnistdata.FILES[path.stem][1]) for path in cached)
    assert len(cached) < 4


def test_two_processes_at_once(mirrors, digits, tmp_path):
    code = f"""
import pathlib, mnistdata
mnistdata.MIRRORS, mnistdata.FILES = {mnistdata.MIRRORS!r}, {mnistdata.FILES!r}
mnistdata.cache_folder = lambda: pathlib.Path({str(tmp_path / "cache")!r})
print(sum(int(array.sum()) for array in mnistdata.load()[:4]))
"""
    both = [start("-c", code, KERAS_HOME=tmp_path) for _ in "ab"]
    right = str(sum(int(array.sum()) for array in digits))
    assert [finish(process).stdout.strip() for process in both] == [right, right]
    assert sorted(p.stem for p in (tmp_path / "cache").iterdir()) == sorted(mnistdata.FILES)
