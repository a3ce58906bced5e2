"""Starts and stops a real server for a test, and talks to it over HTTP."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(os.environ.get("SALUS_BINARY", ROOT / "build" / "salus"))
READY_SECONDS = 60
STOP_SECONDS = 60


def free_port_base():
    """Eight ports in a row that nobody has now, below those that the system gives out by itself."""
    for base in range(20000 + os.getpid() % 400 * 20, 32000, 8):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(base, base + 8):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return base
            except OSError:
                continue
    raise RuntimeError("no eight free ports in a row")


class Server:
    """One data directory, served as often as a test likes. `with Server() as server:` starts it and cleans up."""

    def __init__(self, data=None, environment=None, arguments=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="salus-test-"))
        self.data = pathlib.Path(data) if data else self.folder / "data"
        self.environment = dict(environment or {})
        self.arguments = list(arguments)
        self.base = free_port_base()
        self.process = None
        self.ready = {}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        ready_file = self.folder / "ready.json"
        ready_file.unlink(missing_ok=True)
        self.errors = open(self.folder / "stderr", "ab")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data", self.data, "--port-base", str(self.base), "--ready-file", ready_file, *self.arguments],
            stdout=subprocess.DEVNULL, stderr=self.errors, env={**os.environ, "SALUS_LOG_LEVEL": "warning", **self.environment})
        deadline = time.monotonic() + READY_SECONDS
        while not ready_file.exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"salus ended with {self.process.returncode}: {self.said()}")
            if time.monotonic() > deadline:
                raise RuntimeError("salus was not ready in a minute")
            time.sleep(0.01)
        self.ready = json.loads(ready_file.read_text())
        self.ready_file = ready_file
        return self

    def said(self):
        return (self.folder / "stderr").read_text(errors="replace")[-2000:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    def address(self, name):
        """(host, port) of http, https, mqtt or mqtts."""
        parts = urllib.parse.urlsplit(self.ready[name])
        return parts.hostname, parts.port

    def call(self, method, path, body=None, token=True, timeout=30, headers=()):
        """(status, parsed JSON or text). `token`: somebody's; True is the administrator's."""
        connection = http.client.HTTPConnection(*self.address("http"), timeout=timeout)
        headers = dict(headers)
        if token:
            headers["Authorization"] = f"Bearer {self.ready['admin_token'] if token is True else token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read().decode()
            is_json = "json" in response.getheader("Content-Type", "")
            return response.status, json.loads(text) if is_json and text else text
        finally:
            connection.close()

    def get(self, path):
        status, answer = self.call("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {answer}")
        return answer

    def create_device(self, device, **members):
        """The device's primary key."""
        status, answer = self.call("PUT", f"/devices/{device}", members)
        if status not in (200, 201):
            raise RuntimeError(f"PUT /devices/{device}: {status} {answer}")
        return answer["authentication"]["symmetricKey"]["primaryKey"]

    def series(self, device, code, start="2000-01-01T00:00:00Z", end="2100-01-01T00:00:00Z"):
        """Every stored [t_ms, v] of a channel, in pages; [] when it never sent any."""
        items, cursor = [], None
        while True:
            query = {"from": start, "to": end, "limit": "50000"} | ({"cursor": cursor} if cursor else {})
            status, page = self.call("GET", f"/api/series/{device}/{code}/range?{urllib.parse.urlencode(query)}")
            if status == 404:
                return items
            if status != 200:
                raise RuntimeError(f"range of {device}/{code}: {status} {page}")
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items

    def alarms(self, **query):
        items, cursor = [], None
        while True:
            page = self.get("/api/alarms?" + urllib.parse.urlencode({"state": "all", "limit": "500", **query, **({"cursor": cursor} if cursor else {})}))
            items += page["items"]
            cursor = page["next"]
            if not cursor:
                return items


def run(*arguments, timeout=120):
    """A command of the program: (exit code, what it said)."""
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, errors="replace", timeout=timeout)
    return done.returncode, done.stdout + done.stderr


def eventually(what, seconds=20):
    """What `what()` says once it is true; its last word when time is up. For things that happen soon, not at once."""
    deadline = time.monotonic() + seconds
    while True:
        said = what()
        if said or time.monotonic() > deadline:
            return said
        time.sleep(0.02)


class Cases:
    """Prints one line a case, as run.py counts them."""

    def __init__(self):
        self.failed = 0

    def run(self, name, case, *arguments):
        try:
            note = case(*arguments)
        except Skip as skip:
            print(f"skipped {name}: {skip}", flush=True)
        except Exception as error:  # a suite goes on with its next case
            self.failed += 1
            print(f"FAILED {name}: {type(error).__name__}: {str(error)[:1500]}", flush=True)
        else:
            print(f"ok {name}{' (' + note + ')' if note else ''}", flush=True)

    def end(self):
        sys.exit(1 if self.failed else 0)


class Skip(Exception):
    """Says why a case cannot run here."""


def expect(right, otherwise):
    if not right:
        raise AssertionError(otherwise)
