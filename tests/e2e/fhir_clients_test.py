"""FHIR clients that others wrote, from npm, against a running server: what they expect of one holds."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from salus import Server  # noqa: E402

CLIENTS = ROOT / "tests/e2e/clients"


def relay(name, program, *arguments):
    """Runs a program that prints its cases itself."""
    done = subprocess.run(["node", CLIENTS / program, *arguments], capture_output=True, text=True, timeout=120)
    lines = [line for line in done.stdout.splitlines() if line.startswith(("ok ", "FAILED ", "skipped "))]
    for line in lines:
        kind, what = line.split(" ", 1)
        print(f"{kind} {name}: {what}", flush=True)
    failed = any(line.startswith("FAILED ") for line in lines)
    if not lines or (done.returncode and not failed):
        print(f"FAILED {name}: ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-1000:]}", flush=True)
        failed = True
    return failed


def main():
    if not (CLIENTS / "node_modules/.installed").exists():
        print("skipped the FHIR clients are not installed; ./test installs them")
        return
    with Server() as server:
        failed = [relay(name, program, server.ready["http"] + base, server.ready["admin_token"])
                  for name, program, base in (("@medplum/core", "medplum.mjs", "/"), ("fhirclient", "fhirclient.mjs", "/fhir"))]
    sys.exit(1 if any(failed) else 0)


if __name__ == "__main__":
    main()
