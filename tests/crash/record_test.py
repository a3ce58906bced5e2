"""The record on the real server: transactions stay whole under kill -9, what was acknowledged is there, conditional
creates that race make one, and pages that were promised come after the restart."""

import argparse
import http.client
import json
import pathlib
import random
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from salus import Cases, Server, expect  # noqa: E402

MEMBERS = 5  # resources of a transaction


def transaction(tag):
    """A patient and observations that refer to it, all marked with `tag`."""
    identifier = [{"system": "urn:test:tag", "value": tag}]
    entries = [{"fullUrl": f"urn:uuid:{tag}", "resource": {"resourceType": "Patient", "identifier": identifier}, "request": {"method": "POST", "url": "Patient"}}]
    for _ in range(MEMBERS - 1):
        observation = {"resourceType": "Observation", "status": "final", "identifier": identifier, "code": {"text": "x"},
                       "subject": {"reference": f"urn:uuid:{tag}"}}
        entries.append({"resource": observation, "request": {"method": "POST", "url": "Observation"}})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def fhir(server, method, path, body=None, headers=()):
    return server.call(method, path, body, headers=headers)


def count(server, search):
    status, bundle = fhir(server, "GET", f"/fhir/{search}&_summary=count")
    expect(status == 200, f"{search}: {status} {bundle}")
    return bundle["total"]


class Writer(threading.Thread):
    """Posts transactions until the server is gone, and keeps the ledger."""

    def __init__(self, server, name):
        super().__init__(daemon=True)
        self.server, self.name_of, self.sent, self.acknowledged = server, name, [], []

    def run(self):
        number = 0
        while True:
            tag = f"{self.name_of}-{number}"
            number += 1
            self.sent.append(tag)
            try:
                status, _ = fhir(self.server, "POST", "/fhir", transaction(tag))
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                return
            if status != 200:
                return
            self.acknowledged.append(tag)


def killed_under_load(cycles):
    acknowledged = sent = 0
    with Server() as server:
        for cycle in range(cycles):
            writers = [Writer(server, f"{cycle}-{k}") for k in range(8)]
            for writer in writers:
                writer.start()
            time.sleep(0.3 + random.random())
            server.kill()
            for writer in writers:
                writer.join(timeout=30)
            server.start()
            for writer in writers:
                # Of what was not acknowledged only the last can be there, and then whole.
                for tag in writer.acknowledged[-3:] + writer.sent[-1:]:
                    query = urllib.parse.quote(f"urn:test:tag|{tag}")
                    found = count(server, f"Patient?identifier={query}") + count(server, f"Observation?identifier={query}")
                    allowed = (MEMBERS,) if tag in writer.acknowledged else (0, MEMBERS)
                    expect(found in allowed, f"{tag}: {found} of {MEMBERS} resources")
                acknowledged += len(writer.acknowledged)
                sent += len(writer.sent)
            patients = count(server, "Patient?identifier=urn:test:tag|")
            expect(acknowledged <= patients <= sent, f"{patients} patients of {acknowledged} acknowledged and {sent} sent")
            expect(count(server, "Observation?identifier=urn:test:tag|") == patients * (MEMBERS - 1), "a transaction is not whole")
    return f"{cycles} kills, {acknowledged} transactions acknowledged, {sent} sent"


def racing_creates_make_one():
    with Server() as server:
        created = []

        def create():
            status, _ = fhir(server, "POST", "/fhir/Patient", {"resourceType": "Patient", "identifier": [{"value": "one"}]},
                             headers={"If-None-Exist": "identifier=one"})
            created.append(status)

        threads = [threading.Thread(target=create) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(sorted(created) == [200] * 63 + [201], f"{sorted(created)}")
        expect(count(server, "Patient?identifier=one") == 1, "there are several")


def writes_are_found_at_once():
    with Server() as server:
        missed = []

        def write(name):
            for number in range(50):
                tag = f"{name}-{number}"
                fhir(server, "POST", "/fhir/Patient", {"resourceType": "Patient", "identifier": [{"value": tag}]})
                if count(server, f"Patient?identifier={tag}") != 1:
                    missed.append(tag)

        threads = [threading.Thread(target=write, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(not missed, f"{len(missed)} searches missed what had just been written: {missed[:3]}")


def pages_outlive_a_crash():
    with Server() as server:
        for number in range(30):
            fhir(server, "PUT", f"/fhir/Patient/p{number:02}", {"resourceType": "Patient", "id": f"p{number:02}", "gender": "other"})
        _, page = fhir(server, "GET", "/fhir/Patient?gender=other&_count=10")
        seen = [entry["resource"]["id"] for entry in page["entry"]]
        fhir(server, "DELETE", "/fhir/Patient/p15")
        server.kill()
        server.start()
        while True:
            following = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
            if following is None:
                break
            parts = urllib.parse.urlsplit(following)
            status, page = fhir(server, "GET", f"{parts.path}?{parts.query}")
            expect(status == 200, f"{status} {page}")
            seen += [entry["resource"]["id"] for entry in page["entry"]]
        expect(seen == [f"p{number:02}" for number in range(30)], f"{seen}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cycles", type=int, default=5)
    arguments = parser.parse_args()
    cases = Cases()
    cases.run("transactions are whole after kill -9", killed_under_load, arguments.cycles)
    cases.run("64 racing conditional creates make one", racing_creates_make_one)
    cases.run("a search finds what was just written", writes_are_found_at_once)
    cases.run("pages that were promised come after a crash", pages_outlive_a_crash)
    cases.end()


if __name__ == "__main__":
    main()
