"""The rules of the house that a machine can check: who may include whom, READMEs, format, lint."""

import pathlib
import re
import subprocess
import sys

import documents

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ORDER = ["base", "log", "view", "guard", "http", "fhir", "series", "device", "mqtt", "amqp", "stream", "monitor", "sim", "hl7v2",
         "imaging", "learn", "care", "booking", "lake", "screen", "app"]
failures = 0


def case(name, troubles):
    global failures
    troubles = list(troubles)
    if troubles:
        failures += 1
        print(f"FAILED {name}: " + "; ".join(str(t) for t in troubles[:8]))
    else:
        print(f"ok {name}")


def sources(*patterns):
    for pattern in patterns:
        yield from sorted(p for p in ROOT.glob(pattern) if "node_modules" not in p.parts)


def wrong_includes():
    for path in sources("src/**/*.hpp", "src/**/*.cpp"):
        folder = path.relative_to(ROOT / "src").parts[0]
        for included in re.findall(r'#include "([a-z0-9_]+)/', path.read_text()):
            if included in ORDER and ORDER.index(included) > ORDER.index(folder):
                yield f"{path.relative_to(ROOT)} includes {included}/"


def format_troubles():
    files = list(sources("src/**/*.hpp", "src/**/*.cpp", "tests/**/*.cpp", "fuzz/*.cpp", "bench/*.cpp"))
    done = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *files], capture_output=True, text=True)
    return sorted({line.split(":")[0].removeprefix(str(ROOT) + "/") for line in done.stderr.splitlines() if "error:" in line})


def tidy_troubles():
    build = ROOT / "build"
    if not (build / "compile_commands.json").exists():
        subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, capture_output=True)
    # Coroutines are where lifetimes go wrong; the other sources get the compiler's warnings and the sanitizers.
    files = [str(p) for p in sources("src/**/*.cpp") if not p.name.endswith("_test.cpp") and "co_await" in p.read_text()]
    done = subprocess.run(["run-clang-tidy-19", "-quiet", "-j2", "-p", str(build), *files], capture_output=True, text=True)
    found = sorted({line.removeprefix(str(ROOT) + "/") for line in done.stdout.splitlines() if " error: " in line})
    if done.returncode and not found:
        found = [done.stdout[-500:] + done.stderr[-500:]]
    return found


case("a folder includes only folders above it", wrong_includes())
case("every folder is in the house's order", (p.name for p in (ROOT / "src").iterdir() if p.is_dir() and p.name not in ORDER))
case("every folder has a README", (p.name for p in (ROOT / "src").iterdir() if p.is_dir() and not (p / "README.md").exists()))
case("no source grows past 600 lines",
     (f"{p.relative_to(ROOT)}" for p in sources("src/**/*.?pp", "console/src/**/*.ts*") if len(p.read_text().splitlines()) > 600))
case("links in documents lead somewhere", documents.broken_links(ROOT))
case("paths in documents exist", documents.missing_paths(ROOT))
case("commands in documents exist", documents.wrong_commands(ROOT))
case("clang-format", format_troubles())
case("clang-tidy", tidy_troubles())
sys.exit(1 if failures else 0)
