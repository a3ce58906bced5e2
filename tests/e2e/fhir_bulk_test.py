"""Bulk data: $import of NDJSON, again, beside small writes, and with the server killed in its middle."""

import http.client
import json
import pathlib
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from salus import Cases, Server, expect  # noqa: E402

NDJSON = "application/fhir+ndjson"


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


def main():
    cases = Cases()
    cases.run("$import takes each line once", goes_in_once)
    cases.run("salus import sends NDJSON in pieces", files_go_in)
    cases.run("what $import answered is there after kill -9", what_was_answered_survives)
    cases.end()


if __name__ == "__main__":
    main()
