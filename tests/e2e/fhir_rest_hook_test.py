"""Rest-hooks: a receiver gets every event, signed, numbered and in order, also when it fails and the server is killed; and
no address that somebody names leads inside (hostile input 16)."""

import contextlib
import hashlib
import hmac
import http.server
import json
import pathlib
import socket
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import people  # noqa: E402
from fhir_subscriptions_test import BACKPORT, TOPIC, device  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what it is sent; `answer(request)` gives the status, or a status and a Location."""

    def __init__(self):
        self.requests, self.answer = [], lambda request: 200
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
                answer = receiver.answer(request)
                status, location = answer if isinstance(answer, tuple) else (answer, None)
                receiver.requests.append({**request, "status": status})
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = do_GET = handle_any

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def taken(self, path):
        return [one for one in self.requests if one["path"].startswith(path) and one["status"] == 200]


def resource(criteria, endpoint, payload=None, status="requested", header=(), **members):
    channel = {"type": "rest-hook", "endpoint": endpoint, **({"payload": payload} if payload else {}), **({"header": list(header)} if header else {})}
    return {"resourceType": "Subscription", "status": status, "reason": "test", "criteria": criteria, "channel": channel, **members}


def subscribe(server, *arguments, **members):
    made = people.ask(server, "POST", "/fhir/Subscription", resource(*arguments, **members), 201)["id"]
    expect(eventually(lambda: server.get(f"/fhir/Subscription/{made}")["status"] == "active"), f"it does not become active: {server.get(f'/fhir/Subscription/{made}')}")
    return made


def check_signatures(server, subscription, requests):
    secret = people.ask(server, "GET", f"/fhir/Subscription/{subscription}/$signing-secret")["parameter"][0]["valueString"]
    for one in requests:
        wanted = "sha256=" + hmac.new(secret.encode(), one["body"], hashlib.sha256).hexdigest()
        expect(hmac.compare_digest(one["headers"]["Salus-Signature"], wanted), "a signature is wrong")
        expect(one["headers"]["Salus-Subscription"] == subscription, "it is for another subscription")


def numbers(requests):
    return [int(one["headers"]["Salus-Event-Number"]) for one in requests]


def as_r4_says(server, receiver):
    plain = subscribe(server, "Device?device-name=hooked", receiver.url + "/plain", header=["Authorization: Bearer for-the-receiver"])
    full = subscribe(server, "Device?device-name=hooked", receiver.url + "/full/", "application/fhir+json")
    made = [device(server, "hooked")["id"] for _ in range(10)]
    device(server, "other")
    expect(eventually(lambda: len(receiver.taken("/plain")) == 10 and len(receiver.taken("/full")) == 10), f"{len(receiver.requests)} requests")
    first, second = receiver.taken("/plain"), receiver.taken("/full")
    expect(all(one["method"] == "POST" and one["body"] == b"" for one in first), "without a payload something is sent")
    expect(all(one["headers"]["Authorization"] == "Bearer for-the-receiver" for one in first), "its header is not sent")
    expect(not any("Authorization" in one["headers"] for one in second), "another's header is sent")
    expect([(one["method"], one["path"]) for one in second] == [("PUT", f"/full/Device/{name}") for name in made], "updates are not those of the resources, in order")
    expect([json.loads(one["body"])["id"] for one in second] == made, "bodies are not the resources")
    expect(numbers(first) == numbers(second) == list(range(1, 11)), f"numbers {numbers(first)}, {numbers(second)}")
    check_signatures(server, plain, first)
    check_signatures(server, full, second)


def by_topic(server, receiver):
    content = {"extension": [{"url": BACKPORT + "backport-payload-content", "valueCode": "id-only"}]}
    asked = resource(TOPIC, receiver.url + "/topic", "application/fhir+json",
                     _criteria={"extension": [{"url": BACKPORT + "backport-filter-criteria", "valueString": "Device?device-name=topic-hook"}]})
    asked["channel"]["_payload"] = content
    made = people.ask(server, "POST", "/fhir/Subscription", asked, 201)["id"]
    expect(eventually(lambda: server.get(f"/fhir/Subscription/{made}")["status"] == "active"), "it does not become active")
    device(server, "topic-hook")
    expect(eventually(lambda: len(receiver.taken("/topic")) == 2), "handshake and event do not come")
    bundles = [json.loads(one["body"]) for one in receiver.taken("/topic")]
    kinds = [next(one["valueCode"] for one in bundle["entry"][0]["resource"]["parameter"] if one["name"] == "type") for bundle in bundles]
    expect(kinds == ["handshake", "event-notification"], f"{kinds}")
    expect([len(bundle["entry"]) for bundle in bundles] == [1, 1], "id-only sends resources")
    check_signatures(server, made, receiver.taken("/topic"))


def failing(server, receiver):
    """It refuses each third request, the server is killed twice; what it took is all, in order, repeats allowed."""
    count = [0]

    def answer(_request):
        count[0] += 1
        return 503 if count[0] % 3 == 0 else 200

    subscription = subscribe(server, "Device?device-name=kept", receiver.url + "/kept", "application/fhir+json")
    receiver.answer = answer
    made = []
    for turn in range(3):
        made += [device(server, "kept")["id"] for _ in range(4)]
        if turn < 2:
            time.sleep(0.3)
            server.kill()
            server.start()
    arrived = lambda: {json.loads(one["body"])["id"] for one in receiver.taken("/kept")} == set(made)  # noqa: E731
    expect(eventually(arrived, 40), f"{len(receiver.taken('/kept'))} arrived")
    receiver.answer = lambda _request: 200
    taken = receiver.taken("/kept")
    first = {}
    for number, one in zip(numbers(taken), taken, strict=True):
        name = json.loads(one["body"])["id"]
        expect(first.setdefault(number, name) == name, f"event {number} is two different ones")
    expect(list(first) == list(range(1, 13)) and list(first.values()) == made, f"in the order {list(first)}")
    check_signatures(server, subscription, taken)
    return f"{len(taken)} deliveries of {len(made)} events, {sum(one['status'] == 503 for one in receiver.requests)} refused"


HOSTILE = ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://0.0.0.0:{port}/",
           "http://2130706433:{port}/", "http://127.1:{port}/", "http://0x7f.0.0.1:{port}/", "http://169.254.169.254/latest/meta-data/",
           "http://[fd00:ec2::254]/latest/", "http://metadata.google.internal/", "http://10.0.0.1/", "http://192.168.0.1/",
           "{allowed}@127.0.0.1:{port}/", "{allowed}.example.org:{port}@127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/"]


def outbound(server):
    """Remote ends of the server's TCP sockets that are not those of its own ports."""
    inodes = set()
    for descriptor in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
    own = {port for port in range(server.base, server.base + 8)}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{server.process.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and int(fields[1].rsplit(":", 1)[1], 16) not in own:
                found.add(fields[2])
    return found


def hostile(server, receiver):
    trap = socket.socket()
    trap.bind(("127.0.0.1", 0))
    trap.listen()
    trap.settimeout(0.5)
    port = trap.getsockname()[1]
    seen, stop = set(), threading.Event()
    # Those of the subscriptions before this one have come to rest.
    expect(eventually(lambda: not outbound(server)), "something is still sent")

    def watch():
        while not stop.is_set():
            seen.update(outbound(server))
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    stored = []
    try:
        for template in HOSTILE:
            url = template.format(port=port, allowed=receiver.url)
            entry = {"resource": resource("Device", url), "request": {"method": "POST", "url": "Subscription"}}
            # A resource by itself is refused by its URL; in a Bundle it is stored, and ends in error when it is to be used.
            said, answer = server.call("POST", "/fhir/Subscription", resource("Device", url, status="active"))
            expect(said in (201, 422), f"{url}: {said} {answer}")
            if said == 201:
                stored.append(answer["id"])
            batch = people.ask(server, "POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
            stored.append(batch["entry"][0]["response"]["location"].split("/Subscription/")[1].split("/")[0])
        device(server, "for the hostile")
        for name in stored:
            expect(eventually(lambda name=name: server.get(f"/fhir/Subscription/{name}")["status"] == "error"),
                   f"{server.get(f'/fhir/Subscription/{name}')} is not in error")
    finally:
        stop.set()
        watcher.join()
    expect(not seen, f"the server connected to {seen}")
    try:
        trap.accept()
        raise AssertionError("the server connected inside")
    except TimeoutError:
        pass
    trap.close()


def redirected(server, receiver):
    """What the receiver answers leads nowhere else, and its header goes to nobody else."""
    other = Receiver()
    receiver.answer = lambda request: (307, other.url + "/stolen") if request["path"] == "/moved" else 200
    made = subscribe(server, "Device?device-name=moved", receiver.url + "/moved", header=["Authorization: Bearer secret"])
    device(server, "moved")
    expect(eventually(lambda: sum(one["path"] == "/moved" for one in receiver.requests) >= 2), "it is not tried again")
    expect(not other.requests, "the redirect was followed")
    people.ask(server, "DELETE", f"/fhir/Subscription/{made}", status=204)
    receiver.answer = lambda _request: 200
    other.shutdown()


def main():
    cases = Cases()
    receiver = Receiver()
    with Server(environment={"SALUS_FHIR_RECEIVERS": receiver.url}) as server:
        cases.run("R4: POST without, PUT with a payload; signed, numbered, in order", as_r4_says, server, receiver)
        cases.run("a topic: handshake, then Bundles", by_topic, server, receiver)
        cases.run("a receiver that fails and two kills: all, in order", failing, server, receiver)
        cases.run("16: a redirect is not followed", redirected, server, receiver)
        cases.run("16: addresses that lead inside: refused, zero outbound sockets", hostile, server, receiver)
    receiver.shutdown()
    cases.end()


if __name__ == "__main__":
    main()
