"""Runs the tests: what is built, checked, fuzzed, simulated, crashed and clicked. See ../test for the ways to call it.

A suite is a command. GoogleTest programs are counted by their own report; every other suite prints one line a case,
`ok NAME` or `FAILED NAME: why`, or `skipped NAME: why`, and exits with 0 when nothing failed.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASE = re.compile(r"^(ok|FAILED|skipped) (.+)$")


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def show(self):
        for line in self.skipped:
            print(f"skipped {line}")
        for line in self.failed:
            print(f"FAILED {line}")
        print(f"{self.passed} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed else 0


def headline(text):
    print(f"== {text}", flush=True)


def ninja(preset, targets):
    folder = ROOT / ("build" if preset == "release" else f"build-{preset}")
    if not (folder / "build.ninja").exists():
        configured = subprocess.run(["cmake", "--preset", preset], cwd=ROOT, capture_output=True, text=True)
        if configured.returncode:
            sys.exit(configured.stdout + configured.stderr)
    began = time.monotonic()
    built = subprocess.run(["ninja", "-C", folder, *targets], capture_output=True, text=True)
    if built.returncode:
        print("\n".join(built.stdout.splitlines()[-60:]))
        return None
    print(f"   built {preset} in {time.monotonic() - began:.0f} s", flush=True)
    return folder


def run_gtest(program, tally, arguments=()):
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        done = subprocess.run([program, f"--gtest_output=json:{report.name}", "--gtest_brief=1", *arguments], cwd=ROOT,
                              capture_output=True, text=True, errors="replace", timeout=1800)
        try:
            result = json.loads(pathlib.Path(report.name).read_text())
        except ValueError:
            result = None
    if result is None:
        tally.failed.append(f"{program.name}: ended with {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return
    for suite in result["testsuites"]:
        for case in suite["testsuite"]:
            name = f"{program.name} {suite['name']}.{case['name']}"
            if case.get("result") == "SKIPPED":
                tally.skipped.append(name)
            elif case.get("failures"):
                tally.failed.append(name + "\n" + case["failures"][0]["failure"][:2000])
            else:
                tally.passed += 1
    if done.returncode and not any(program.name in line for line in tally.failed):
        tally.failed.append(f"{program.name}: ended with {done.returncode}\n{done.stderr[-3000:]}")


def run_suite(name, command, tally, timeout=1800, environment=None):
    headline(name)
    began = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=timeout,
                              env={**os.environ, **(environment or {})})
        output, code = done.stdout, done.returncode
        trouble = done.stderr
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b"").decode(errors="replace")
        code, trouble = -1, f"took longer than {timeout} s"
    before = len(tally.failed)
    for line in output.splitlines():
        case = CASE.match(line)
        if not case:
            continue
        kind, what = case.groups()
        if kind == "ok":
            tally.passed += 1
        elif kind == "skipped":
            tally.skipped.append(f"{name} {what}")
        else:
            tally.failed.append(f"{name} {what}")
    if code and len(tally.failed) == before:
        tally.failed.append(f"{name}: ended with {code}\n{output[-2000:]}{trouble[-3000:]}")
    print(f"   {time.monotonic() - began:.0f} s", flush=True)


def gtests(folder, names):
    return [folder / name for name in sorted(names) if (folder / name).exists()]


def folders():
    return sorted(p.name for p in (ROOT / "src").iterdir() if p.is_dir())


def one_folder(name, tally):
    folder = ninja("release", [t for t in (f"test_{name}", f"link_{name}") if t])
    if folder is None:
        tally.failed.append(f"{name}: does not build")
        return
    run_gtest(folder / f"test_{name}", tally)


def fuzz(tally, seconds):
    names = sorted(p.stem for p in (ROOT / "fuzz").glob("*_fuzz.cpp"))
    headline(f"fuzzers, {seconds} s each")
    folder = ninja("fuzz", [f"fuzz_{n.removesuffix('_fuzz')}" for n in names])
    if folder is None:
        tally.failed.append("fuzzers: do not build")
        return

    def start(name):
        corpus = tempfile.mkdtemp(prefix="salus-fuzz-")
        seeds = ROOT / "fuzz" / "seeds" / name
        command = [folder / f"fuzz_{name}", f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=10",
                   "-print_final_stats=1", f"-artifact_prefix={folder}/", corpus]
        if seeds.is_dir():
            command.append(seeds)
        return name, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")

    waiting = [n.removesuffix("_fuzz") for n in names]
    while waiting:
        pair, waiting = waiting[:2], waiting[2:]
        for name, process in [start(name) for name in pair]:
            output = process.communicate(timeout=seconds + 300)[0]
            if process.returncode:
                tally.failed.append(f"fuzz {name}\n{output[-3000:]}")
            else:
                tally.passed += 1


def everything(tally, long):
    run_suite("house", [sys.executable, ROOT / "tests/house/check.py"], tally)
    headline("unit tests")
    folder = ninja("release", [])
    if folder is None:
        tally.failed.append("the release build")
        return
    for program in gtests(folder, [f"link_{n}" for n in folders()]):
        code = subprocess.run([program]).returncode
        tally.passed += code == 0
        if code:
            tally.failed.append(program.name)
    for program in gtests(folder, [f"test_{n}" for n in folders()]):
        run_gtest(program, tally)
    if (folder / "simulate").exists():
        run_suite("simulation", [folder / "simulate", "--seeds", "100000" if long else "500"], tally, timeout=36000 if long else 900)
    if (folder / "ward").exists():
        run_suite("ward: scenarios and their alarms", [folder / "ward"], tally, timeout=900)
    python_suites(tally, long)
    if (ROOT / "fuzz").is_dir():
        fuzz(tally, 600 if long else 20)
    if long:
        for preset in ("asan", "tsan"):
            headline(f"unit tests under {preset}")
            folder = ninja(preset, [])
            for program in gtests(folder, [f"test_{n}" for n in folders()]) if folder else []:
                run_gtest(program, tally)


def python_suites(tally, long):
    crash = ROOT / "tests/crash/crash_test.py"
    if crash.exists():
        run_suite("crash", [sys.executable, crash, "--cycles", "1000" if long else "20"], tally, timeout=36000 if long else 900)
        dark = crash.with_name("dark_test.py")
        record = crash.with_name("record_test.py")
        run_suite("the record under load", [sys.executable, record, "--cycles", "100" if long else "5"], tally)
        run_suite("alarms in the dark", [sys.executable, dark, "--cut", "60" if long else "5"], tally)
    for script in sorted((ROOT / "tests/e2e").glob("*_test.py")):
        run_suite(f"e2e {script.stem}", [sys.executable, script], tally, timeout=600)
    for script in sorted((ROOT / "console/e2e").glob("*_test.mjs")):
        run_suite(f"browser {script.stem}", ["node", script], tally, timeout=600)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--long", action="store_true")
    arguments.add_argument("folders", nargs="*")
    options = arguments.parse_args()
    tally = Tally()
    began = time.monotonic()
    if options.folders:
        for folder in options.folders:
            one_folder(pathlib.PurePath(folder).name, tally)
    else:
        everything(tally, options.long)
    print(f"== {time.monotonic() - began:.0f} s in all")
    sys.exit(tally.show())


if __name__ == "__main__":
    main()
