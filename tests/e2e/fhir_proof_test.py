"""$proof and `salus verify --proof`: what a server proves of a version, others check without it."""

import base64
import hashlib
import http.client
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from salus import BINARY, Cases, Server, expect  # noqa: E402


def verify(*arguments):
    done = subprocess.run([BINARY, "verify", *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def main():
    cases = Cases()
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in ("First", "Second"):
            server.call("PUT", "/fhir/Patient/p", {"resourceType": "Patient", "id": "p", "name": [{"family": name}]})
        transaction = {"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": "urn:uuid:6a1d0f6e-0000-4000-8000-000000000001", "resource": {"resourceType": "Patient"}, "request": {"method": "PUT", "url": "Patient/q"}},
            *[{"resource": {"resourceType": "Basic", "id": f"b{i}", "code": {"text": "x" * 3000}, "subject": {"reference": "Patient/q"}},
               "request": {"method": "PUT", "url": f"Basic/b{i}"}} for i in range(40)]]}
        transaction["entry"][0]["resource"]["id"] = "q"
        status, said = server.call("POST", "/fhir", transaction)
        expect(status == 200, f"{status} {said}")
        server.call("PUT", "/fhir/Basic/gone", {"resourceType": "Basic", "id": "gone", "code": {"text": "x"}})
        server.call("DELETE", "/fhir/Basic/gone")

        def prove(path):
            status, answered = server.call("GET", f"/fhir/{path}/$proof")
            expect(status == 200, f"{status} {answered}")
            file = folder / "proof.json"
            file.write_text(json.dumps(answered))
            return file

        def text_of(path):
            connection = http.client.HTTPConnection(*server.address("http"), timeout=30)
            connection.request("GET", f"/fhir/{path}", headers={"Authorization": f"Bearer {server.ready['admin_token']}"})
            try:
                return connection.getresponse().read()
            finally:
                connection.close()

        def proves(path, is_removed=False):
            code, said = verify("--proof", prove(path), "--data", server.data)
            expect(code == 0 and "has the same" in said, said)
            if not is_removed:
                expect(hashlib.sha256(text_of(path)).hexdigest() in said, "what is read is what is proven")
            return said

        def every_version():
            versions = [entry["resource"]["meta"]["versionId"] for entry in server.call("GET", "/fhir/Patient/p/_history")[1]["entry"]]
            expect(len(versions) == 2, str(versions))
            for version in versions:
                expect(f"Patient/p, version {version}: written" in proves(f"Patient/p/_history/{version}"), version)
            proves("Patient/p")
            for i in (0, 17, 39):
                expect(f"Basic/b{i}, version" in proves(f"Basic/b{i}"), str(i))
            gone = server.call("GET", "/fhir/Basic/gone/_history")[1]["entry"]
            expect(gone[0]["request"]["method"] == "DELETE", str(gone[0]))
            expect("removed at" in proves("Basic/gone", is_removed=True), "a deletion is proven too")

        def another_head():
            file = prove("Patient/p")
            head = verify("--proof", file)[1].split("linked to the head ")[1].split()[0]
            expect(verify("--proof", file, "--head", head)[0] == 0, head)
            code, said = verify("--proof", file, "--head", "0" * 64)
            expect(code == 1 and "not the head" in said, said)

        def a_changed_one():
            answered = json.loads(prove("Patient/p").read_text())
            parameter = next(one for one in answered["parameter"] if one["name"] == "proof")
            proof = json.loads(base64.b64decode(parameter["valueBase64Binary"]))
            body = bytearray(base64.b64decode(proof["body"]))
            body[-1] ^= 1
            proof["body"] = base64.b64encode(bytes(body)).decode()
            file = folder / "changed.json"
            file.write_text(json.dumps(proof))
            code, said = verify("--proof", file)
            expect(code == 1 and "another digest" in said, said)
            proof = json.loads(base64.b64decode(parameter["valueBase64Binary"]))
            proof["resource"]["id"] = "q"
            file.write_text(json.dumps(proof))
            expect(verify("--proof", file)[0] == 1, "another patient's id")
            file.write_text("[]")
            expect(verify("--proof", file)[0] == 2, "no proof at all")

        def later_pieces():
            status, answered = server.call("GET", "/fhir/Patient/p/$proof?from=0")
            expect(status == 400, f"{status} {answered}")
            first = server.call("GET", "/fhir/Patient/p")[1]["meta"]["versionId"]
            status, answered = server.call("GET", f"/fhir/Patient/p/$proof?from={int(first) + 1}")
            expect(status == 200, f"{status} {answered}")

        def not_there():
            expect(server.call("GET", "/fhir/Patient/none/$proof")[0] == 404, "none")
            expect(server.call("GET", "/fhir/Patient/p/_history/999/$proof")[0] == 404, "none")

        cases.run("every version, also a deletion and those of a transaction, is linked to the log's head", every_version)
        cases.run("another head is told apart", another_head)
        cases.run("a changed proof is refused", a_changed_one)
        cases.run("a long proof comes in pieces", later_pieces)
        cases.run("what is not there has no proof", not_there)
    cases.end()


if __name__ == "__main__":
    main()
