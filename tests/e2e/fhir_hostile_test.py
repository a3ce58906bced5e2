"""Hostile documents and searches at the FHIR gate: each is refused as an OperationOutcome, costs little, opens no socket
of its own and changes nothing."""

import http.client
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from hostile_test import resident_kib  # noqa: E402
from salus import Cases, Server, expect  # noqa: E402

NAMESPACE = 'xmlns="http://hl7.org/fhir"'
ENTITIES = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))


def ask(server, method, path, body=None, media="application/fhir+json"):
    """(status, text)"""
    connection = http.client.HTTPConnection(*server.address("http"), timeout=30)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {server.ready['admin_token']}", "Content-Type": media})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def sockets_of(server):
    """Inodes of the sockets that the server has open."""
    found = set()
    for descriptor in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            target = descriptor.readlink()
        except OSError:
            continue
        if str(target).startswith("socket:"):
            found.add(str(target))
    return found


def refused(server, statuses, *request):
    before, began = resident_kib(server), time.monotonic()
    status, said = ask(server, *request)
    expect(status in statuses and '"OperationOutcome"' in said, f"{status} {said[:300]}")
    expect(time.monotonic() - began < 20, "it took too long")
    expect(resident_kib(server) - before < 300 << 10, "it cost more than 300 MiB")


def document_types(server):
    before = len(sockets_of(server))
    for prolog, content in (
        ('<!DOCTYPE Patient SYSTEM "http://127.0.0.1:9/x.dtd">', ""),
        ('<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '<language value="&x;"/>'),
        (f'<!DOCTYPE Patient [<!ENTITY l0 "ha">{ENTITIES}]>', '<language value="&l9;"/>'),
        ('<!DOCTYPE Patient [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>', ""),
    ):
        refused(server, (400,), "POST", "/fhir/Patient", f'<?xml version="1.0"?>{prolog}<Patient {NAMESPACE}>{content}</Patient>', "application/fhir+xml")
    until = time.monotonic() + 5  # the server notices that the last of our own connections is closed
    while len(sockets_of(server)) > before and time.monotonic() < until:
        ask(server, "GET", "/healthz", None)
    expect(len(sockets_of(server)) <= before, "a socket was opened")


def hostile_json(server):
    deep = '{"resourceType":"Patient","extension":[' + '{"url":"u","extension":[' * 100_000 + "]}" * 100_000 + "]}"
    digits = "9" * 1_000_000
    observation = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":%s}}'
    for body in (
        deep,
        "[" * 100_000 + "]" * 100_000,
        '{"resourceType":"Patient","active":true,"active":false}',
        observation % digits,
        observation % f"1e{digits[:100]}",
        observation % "NaN",
        '{"resourceType":"Patient","gender":"\\ud800"}',
        '{"resourceType":"Patient"}{"resourceType":"Patient"}',
        "",
    ):
        refused(server, (400, 413, 422), "POST", "/fhir/Patient" if "Patient" in body[:40] else "/fhir/Observation", body)
    # Named deeply enough that a path of its own would be long too.
    refused(server, (400, 413), "POST", "/fhir/Patient/$validate", deep)


def search_bombs(server):
    for k in range(30):
        status, _ = ask(server, "PUT", f"/fhir/Organization/o{k}", f'{{"resourceType":"Organization","id":"o{k}","name":"n","partOf":{{"reference":"Organization/o{(k + 1) % 30}"}}}}')
        expect(status in (200, 201), f"{status}")
    many = "&".join(f"name=n{k}" for k in range(10_000))
    refused(server, (400, 413), "POST", "/fhir/Organization/_search", many, "application/x-www-form-urlencoded")
    refused(server, (400, 413), "GET", "/fhir/Organization?name=" + ",".join("n" for _ in range(4000)))
    refused(server, (400, 413), "GET", "/fhir/Organization?" + "partof." * 60 + "name=n")
    refused(server, (400,), "GET", "/fhir/Organization?name=n&_count=minus")
    for path in ("?_count=1000000000", "?_include:iterate=Organization:partof&_count=5", "?_include:iterate=*&_revinclude:iterate=*&_count=5"):
        began = time.monotonic()
        status, said = ask(server, "GET", f"/fhir/Organization{path}")
        expect(status == 200 and said.count('"fullUrl"') <= 30, f"{path}: {status} {said[:200]}")
        expect(time.monotonic() - began < 20, f"{path} took too long")


def main():
    cases = Cases()
    with Server() as server:
        cases.run("14: document types and entities", document_types, server)
        cases.run("15: deep, doubled and huge JSON", hostile_json, server)
        cases.run("17: search bombs", search_bombs, server)
        cases.run("nothing of it is in the record", lambda: expect(server.get("/fhir/Patient?_summary=count")["total"] == 0, "something was written"))
    cases.end()


if __name__ == "__main__":
    main()
