"""Subscriptions of the record: what is told is all, numbered, in the order of the log, to those who may hear it, also
across a kill of the server."""

import pathlib
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import people  # noqa: E402
from salus import Cases, Server, eventually, expect  # noqa: E402
from websocket_client import WebSocket  # noqa: E402

SOCKET = "/ws/subscriptions-r4"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
TOPIC = "urn:salus:topic:resource-changed"


def subscribe(server, criteria, status="active", **members):
    made = people.ask(server, "POST", "/fhir/Subscription", {
        "resourceType": "Subscription", "status": status, "reason": "test", "criteria": criteria, "channel": {"type": "websocket"}, **members}, 201)
    return made["id"]


def bound(server, subscription, since=None, token=True, timeout=20):
    """A socket bound to it, and the handshake."""
    parameters = people.ask(server, "GET", f"/fhir/R4/Subscription/{subscription}/$get-ws-binding-token", token=token)["parameter"]
    given = {one["name"]: one.get("valueString") or one.get("valueUrl") for one in parameters}
    expect(given["websocket-url"].startswith("ws://") and given["websocket-url"].endswith(SOCKET), f"{given}")
    socket = WebSocket(server, SOCKET, timeout=timeout)
    payload = {"token": given["token"], **({"eventsSinceNumber": since} if since else {})}
    socket.send({"type": "bind-with-token", "payload": payload})
    return socket, socket.read()


def device(server, name, token=True, **members):
    return people.ask(server, "POST", "/fhir/Device", {"resourceType": "Device", "deviceName": [{"name": name, "type": "other"}], **members}, 201, token=token)


def event_of(bundle):
    """(number, the resource that came along)"""
    status = bundle["entry"][0]["resource"]
    return int(status["notificationEvent"][0]["eventNumber"]), bundle["entry"][1]["resource"]


def pings(server):
    subscription = subscribe(server, "Device?device-name=ping")
    stranger = WebSocket(server, SOCKET)
    stranger.say(f"bind {subscription}")
    expect(stranger.read_text().startswith("error"), "somebody without a token is bound")
    stranger.send({"type": "bind-with-token", "payload": {"token": "made-up"}})
    expect(stranger.read()["resourceType"] == "OperationOutcome", "a token that was made up is taken")
    socket = WebSocket(server, SOCKET, token=server.ready["admin_token"])
    socket.say("bind no-such-subscription")
    expect(socket.read_text().startswith("error"), "one that is not there is bound")
    socket.say(f"bind {subscription}")
    expect(socket.read_text() == f"bound {subscription}", "it is not bound")
    device(server, "other")
    device(server, "ping")
    expect(socket.read_text() == f"ping {subscription}", "no ping")
    socket.say(f"unbind {subscription}")
    device(server, "ping")
    socket.say("ping 1")
    expect(socket.read_text() == "pong 1", "a ping after unbind")


def status_follows(server):
    asked = subscribe(server, "Device", status="requested")
    expect(eventually(lambda: server.get(f"/fhir/Subscription/{asked}")["status"] == "active"), "what is requested does not become active")
    entry = {"resource": {"resourceType": "Subscription", "status": "requested", "reason": "test", "criteria": "Device?none=1",
                          "channel": {"type": "websocket"}}, "request": {"method": "POST", "url": "Subscription"}}
    answer = people.ask(server, "POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    wrong = answer["entry"][0]["response"]["location"].split("/fhir/")[1].split("/_history")[0]
    expect(eventually(lambda: server.get(f"/fhir/{wrong}")["status"] == "error"), "one that cannot be served is not in error")
    expect("none" in server.get(f"/fhir/{wrong}")["error"], "its error does not say why")
    said, _ = server.call("GET", f"/fhir/{wrong}/$get-ws-binding-token")
    expect(said == 409, f"it can be bound: {said}")
    short = subscribe(server, "Device", end="2020-01-01T00:00:00Z")
    expect(eventually(lambda: server.get(f"/fhir/Subscription/{short}")["status"] == "off"), "one that has ended does not go off")


def by_topic(server):
    subscription = subscribe(
        server, TOPIC, meta={"profile": [BACKPORT + "backport-subscription"]},
        _criteria={"extension": [{"url": BACKPORT + "backport-filter-criteria", "valueString": text}
                                 for text in ("Device?device-name=topical", "Location?name=topical")]},
        channel={"type": "websocket", "payload": "application/fhir+json",
                 "_payload": {"extension": [{"url": BACKPORT + "backport-payload-content", "valueCode": "id-only"}]},
                 "extension": [{"url": BACKPORT + "backport-heartbeat-period", "valueUnsignedInt": 1}]})
    socket, hello = bound(server, subscription)

    def values(bundle):
        return {one["name"]: next((one[key] for key in one if key.startswith("value")), one.get("part")) for one in bundle["entry"][0]["resource"]["parameter"]}

    expect(values(hello)["type"] == "handshake" and values(hello)["topic"] == TOPIC, f"{hello}")
    device(server, "topical")
    people.ask(server, "POST", "/fhir/Location", {"resourceType": "Location", "name": "elsewhere"}, 201)
    people.ask(server, "POST", "/fhir/Location", {"resourceType": "Location", "name": "topical"}, 201)
    heard = [socket.read(), socket.read()]
    expect([len(one["entry"]) for one in heard] == [1, 1], "id-only sends resources")
    parts = [{part["name"]: part for part in values(one)["notification-event"]} for one in heard]
    expect([part["event-number"]["valueString"] for part in parts] == ["1", "2"], f"{parts}")
    kinds = [part["focus"]["valueReference"]["reference"].split("/")[-2] for part in parts]
    expect(kinds == ["Device", "Location"], f"{kinds}")
    expect(values(socket.read())["type"] == "heartbeat", "no heartbeat")
    status = people.ask(server, "GET", f"/fhir/Subscription/{subscription}/$status")
    expect(status["type"] == "searchset" and values(status)["events-since-subscription-start"] == "2", f"{status}")
    events = people.ask(server, "GET", f"/fhir/Subscription/{subscription}/$events?eventsSinceNumber=2&content=full-resource")
    expect([entry["resource"]["resourceType"] for entry in events["entry"]] == ["Parameters", "Location"], f"{events}")


def revoked(server):
    token = people.user(server, "listener", "viewer")
    subscription = subscribe(server, "Device?device-name=secret")
    socket, _ = bound(server, subscription, token=token)
    device(server, "secret")
    expect(event_of(socket.read())[0] == 1, "a viewer does not hear")
    people.ask(server, "DELETE", "/api/users/listener", status=204)
    device(server, "secret")
    try:
        heard = socket.read()
    except ConnectionError as closed:
        expect("ended" in str(closed), f"it is not said why: {closed}")
    else:
        raise AssertionError(f"a removed user hears {heard}")


def slow(server):
    """A socket that takes nothing is cut with the number to resume at, and nobody else waits for it."""
    subscription = subscribe(server, "Binary")
    stuck, _ = bound(server, subscription)
    quick, _ = bound(server, subscription, timeout=60)
    data = "A" * (1 << 20)
    count = 24
    for _ in range(count):
        people.ask(server, "POST", "/fhir/Binary", {"resourceType": "Binary", "contentType": "text/plain", "data": data}, 201)
        event_of(quick.read())
    time.sleep(12)  # a socket is given ten seconds
    heard = []
    try:
        while True:
            heard.append(event_of(stuck.read())[0])
    except (ConnectionError, OSError):
        pass
    expect(0 < len(heard) < count and heard == list(range(1, len(heard) + 1)), f"it heard {heard}")
    again, _ = bound(server, subscription, since=len(heard) + 1, timeout=60)
    rest = [event_of(again.read())[0] for _ in range(count - len(heard))]
    expect(rest == list(range(len(heard) + 1, count + 1)), f"it resumes with {rest}")


def across_kills(server):
    """Writers write, a listener listens, the server is killed three times: each write that was acknowledged is told
    once its number comes, numbers have no gap, and the order is that of the log."""
    subscription = subscribe(server, "Device?device-name=counted")
    acknowledged, heard, stop = [], {}, threading.Event()
    lock = threading.Lock()

    def write():
        while not stop.is_set():
            try:
                made = device(server, "counted")
            except (OSError, AssertionError, KeyError):
                time.sleep(0.05)
                continue
            with lock:
                acknowledged.append(made["id"])

    def listen():
        while not stop.is_set() or len(heard) < last():
            try:
                socket, _ = bound(server, subscription, since=len(heard) + 1, timeout=2)
                while True:
                    number, resource = event_of(socket.read())
                    expect(number == len(heard) + 1, f"{number} came after {len(heard)}")
                    heard[number] = (int(resource["meta"]["versionId"]), resource["id"])
            except (OSError, KeyError, AssertionError, ValueError) as error:
                if isinstance(error, AssertionError) and "came after" in str(error):
                    troubles.append(str(error))
                    return
                time.sleep(0.05)

    def last():
        return known[0] if known else 1 << 60

    known, troubles = [], []
    threads = [threading.Thread(target=write) for _ in range(3)] + [threading.Thread(target=listen)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(1.0)
        server.kill()
        server.start()
    time.sleep(0.5)
    stop.set()
    for thread in threads[:3]:
        thread.join()
    status = people.ask(server, "GET", f"/fhir/Subscription/{subscription}/$status")
    known.append(int(status["entry"][0]["resource"]["eventsSinceSubscriptionStart"]))
    threads[3].join(timeout=30)
    expect(not troubles, troubles)
    expect(list(heard) == list(range(1, known[0] + 1)), f"{len(heard)} of {known[0]} were told")
    versions = [version for version, _ in heard.values()]
    expect(versions == sorted(versions), "they were told in another order than that of the log")
    told = [one for _, one in heard.values()]
    expect(len(set(told)) == len(told), "a change was told twice under two numbers")
    missing = set(acknowledged) - set(told)
    expect(acknowledged and not missing, f"{len(missing)} of {len(acknowledged)} acknowledged changes were not told")
    again, since = [], 1
    while since <= known[0]:
        events = people.ask(server, "GET", f"/fhir/Subscription/{subscription}/$events?eventsSinceNumber={since}&_count=500&content=id-only")
        listed = events["entry"][0]["resource"]["notificationEvent"]
        again += [one["focus"]["reference"].rsplit("/", 1)[1] for one in listed]
        since += len(listed)
    expect(again == told, "$events says something else than the socket did")
    return f"{known[0]} events, {len(acknowledged)} acknowledged"


def main():
    cases = Cases()
    with Server() as server:
        cases.run("R4's text: bind, bound, ping", pings, server)
        cases.run("a Subscription's status follows what becomes of it", status_follows, server)
        cases.run("a topic: handshake, filters, id-only, heartbeat, $status, $events", by_topic, server)
        cases.run("9: who is removed hears nothing more", revoked, server)
        cases.run("a socket that is too slow is closed and resumes", slow, server)
        cases.run("three kills: all events, numbered, in order", across_kills, server)
    cases.end()


if __name__ == "__main__":
    main()
