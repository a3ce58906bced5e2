"""Bulk data: $import of NDJSON, again, and with the server killed in its middle; $export, whose files another server takes."""

import bz2
import collections
import http.client
import json
import pathlib
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from salus import ROOT, Cases, Server, Skip, expect  # noqa: E402

NDJSON = "application/fhir+ndjson"
SYNTHEA = ROOT.parent / "shared/data/fhir/synthea"


def lines(first, count):
    return "".join(json.dumps({"resourceType": "Patient", "id": f"p{k}", "name": [{"family": f"F{k}"}]}) + "\n" for k in range(first, first + count))


def send(server, body):
    """(status, counts by name, texts of the issues)"""
    connection = http.client.HTTPConnection(*server.address("http"), timeout=60)
    connection.request("POST", "/fhir/$import", body.encode(), {"Authorization": f"Bearer {server.ready['admin_token']}", "Content-Type": NDJSON})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    counts = {one["name"]: one["valueInteger"] for one in said.get("parameter", []) if "valueInteger" in one}
    issues = [issue["diagnostics"] for one in said.get("parameter", []) if "resource" in one for issue in one["resource"]["issue"]]
    return answer.status, counts, issues


def total(server):
    return server.get("/fhir/Patient?_summary=count")["total"]


def goes_in_once():
    with Server() as server:
        status, counts, issues = send(server, lines(0, 3000) + "{]\n")
        expect(status == 200 and counts == {"created": 3000, "updated": 0, "unchanged": 0, "refused": 1}, str(counts))
        expect(issues[0].startswith("Line 3001: "), str(issues))
        _, counts, _ = send(server, lines(0, 3001))
        expect(counts == {"created": 1, "updated": 0, "unchanged": 3000, "refused": 0}, str(counts))
        expect(total(server) == 3001, "patients are missing")
        status, _ = server.call("POST", "/fhir/$import", {"resourceType": "Patient"})
        expect(status == 415, f"JSON was answered by {status}")


def files_go_in():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "Patient.ndjson"
        file.write_text(lines(0, 90000))  # several pieces
        code, said = salus.run("import", file, "--ready", server.ready_file)
        expect(code == 0 and "90000 resources" in said, said)
        expect(total(server) == 90000, "patients are missing")
        file.write_text(lines(0, 80000) + '{"resourceType":"Patient","id":"_"}\n')
        code, said = salus.run("import", file, "--ready", server.ready_file)
        expect(code == 1 and "1 of its resources were refused" in said and "An id has" in said, said)


def what_was_answered_survives():
    with Server() as server:
        answered, lock = [], threading.Lock()
        enough = threading.Event()

        def work(worker):
            for piece in range(1000):
                first = (worker * 1000 + piece) * 500
                try:
                    status, counts, _ = send(server, lines(first, 500))
                except (OSError, http.client.HTTPException, ValueError):
                    return
                if status != 200:
                    return
                with lock:
                    answered.append(first)
                    if len(answered) >= 12:
                        enough.set()

        workers = [threading.Thread(target=work, args=(k,)) for k in range(3)]
        for worker in workers:
            worker.start()
        came = enough.wait(30)
        server.kill()
        for worker in workers:
            worker.join()
        expect(came, "twelve pieces were not answered")
        server.start()
        for first in answered:
            for k in (first, first + 250, first + 499):
                expect(server.get(f"/fhir/Patient/p{k}")["name"][0]["family"] == f"F{k}", f"p{k} is lost")
            _, counts, _ = send(server, lines(first, 500))
            expect(counts["unchanged"] == 500, f"{first}: {counts}")
    return f"{len(answered)} pieces"


def ask(server, method, url, headers=()):
    """(status, headers, body)"""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(*server.address("http"), timeout=60)
    connection.request(method, parts._replace(scheme="", netloc="").geturl(), None, {"Authorization": f"Bearer {server.ready['admin_token']}", **dict(headers)})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def export(server, path):
    """The manifest, and (type, lines) of each file."""
    status, headers, body = ask(server, "GET", path, {"Prefer": "respond-async"})
    expect(status == 202, f"{path} was answered by {status} {body[:300]}")
    status, _, body = ask(server, "GET", headers["Content-Location"], {"Accept": "application/json"})
    expect(status == 200, f"the manifest was answered by {status} {body[:300]}")
    manifest, files = json.loads(body), []
    for file in manifest["output"]:
        status, headers, body = ask(server, "GET", file["url"], {"Accept": NDJSON})
        expect(status == 200 and headers["Content-Type"] == NDJSON, f"{file['type']}: {status}")
        found = body.decode().splitlines()
        expect(len(found) == file["count"], f"{file['type']}: {len(found)} lines, {file['count']} promised")
        files.append((file["type"], found))
    return manifest, files


def contents(files):
    """Each resource without what a server says of its version, by type and id."""
    found = {}
    for kind, lines_of in files:
        for line in lines_of:
            resource = json.loads(line)
            resource["meta"] = {k: v for k, v in resource.get("meta", {}).items() if k not in ("versionId", "lastUpdated")}
            found[kind, resource["id"]] = resource
    return found


def exported_goes_in_elsewhere():
    bundles = sorted(SYNTHEA.glob("*.json.bz2"))[:8]
    if not bundles:
        raise Skip(f"no bundles at {SYNTHEA}")
    with Server() as first, Server() as second, tempfile.TemporaryDirectory() as folder:
        code, said = salus.run("import", *bundles, "--ready", first.ready_file, timeout=300)
        expect(code == 0, said[-1000:])
        wanted = collections.Counter(entry["resource"]["resourceType"] for file in bundles for entry in json.loads(bz2.decompress(file.read_bytes()))["entry"])
        manifest, files = export(first, "/fhir/$export")
        expect({kind: len(found) for kind, found in files} == dict(wanted), "the counts by type are others than the bundles'")
        for kind, found in files:
            (pathlib.Path(folder) / f"{kind}.ndjson").write_text("\n".join(found))
        code, said = salus.run("import", folder, "--ready", second.ready_file, timeout=300)
        expect(code == 0, said[-1000:])
        _, again = export(second, "/fhir/$export")
        expect(contents(files) == contents(again), "the second server says something else than the first")

        patients = [json.loads(line)["id"] for kind, found in files if kind == "Patient" for line in found]
        _, some = export(first, "/fhir/$export?_type=Patient")
        expect([kind for kind, _ in some] == ["Patient"] and len(some[0][1]) == len(patients), "_type")
        first.call("PUT", "/fhir/Group/g", {"resourceType": "Group", "id": "g", "type": "person", "actual": True,
                                            "member": [{"entity": {"reference": f"Patient/{patients[0]}"}}]})
        _, group = export(first, "/fhir/Group/g/$export?_type=Patient,Observation,Encounter")
        expect([json.loads(line)["id"] for line in dict(group)["Patient"]] == patients[:1], "the group's patient")
        for kind in ("Observation", "Encounter"):
            total_of = first.get(f"/fhir/{kind}?patient=Patient/{patients[0]}&_summary=count")["total"]
            expect(len(dict(group)[kind]) == total_of, f"{len(dict(group)[kind])} {kind}s of the group, {total_of} of its patient")
        _, since = export(first, f"/fhir/$export?_type=Group,Device&_since={urllib.parse.quote(manifest['transactionTime'])}")
        expect([kind for kind, _ in since if kind == "Group"] == ["Group"], "_since leaves out what came later")
        status, _, _ = ask(first, "GET", "/fhir/$export-file?_job=00")
        expect(status == 404, f"a made-up link was answered by {status}")
    return f"{sum(wanted.values())} resources of {len(wanted)} types"


def main():
    cases = Cases()
    cases.run("$import takes each line once", goes_in_once)
    cases.run("salus import sends NDJSON in pieces", files_go_in)
    cases.run("what $import answered is there after kill -9", what_was_answered_survives)
    cases.run("what is exported is the same in another server", exported_goes_in_elsewhere)
    cases.end()


if __name__ == "__main__":
    main()
