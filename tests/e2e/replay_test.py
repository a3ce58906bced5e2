"""Real recordings through `salus replay` over TLS: what is stored is what was recorded, alarms come where the limits say."""

import csv
import gzip
import os
import pathlib
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import salus  # noqa: E402
from salus import ROOT, Cases, Server, Skip, eventually, expect  # noqa: E402

DATA = pathlib.Path(os.environ.get("SALUS_TEST_DATA", ROOT.parent / "shared" / "data"))
MITDB, BIDMC = DATA / "ecg" / "mitdb", DATA / "vitals" / "bidmc"

STORED = Decimal("0.00000001")  # the finest step of a wave that has no greater unit

# As delivered: (priority, low, high, delay in seconds, hysteresis), the most severe first.
LIMITS = {
    "hr": [("high", 40, 130, 5, 2), ("medium", 50, 120, 10, 2)],
    "pulse": [("high", 40, 130, 5, 2), ("medium", 50, 120, 10, 2)],
    "spo2": [("high", 86, None, 10, 1), ("medium", 92, None, 10, 1)],
    "rr": [("high", 6, 35, 10, 1), ("medium", 9, 24, 15, 1)],
}


def start_of(seconds):
    """Whole seconds, so long ago that the recording's end is not in the future."""
    return (datetime.now(timezone.utc) - timedelta(seconds=seconds + 5)).replace(microsecond=0)


def milliseconds(ns):
    """As the API writes an instant: whole where it is whole, else the nearest double."""
    return ns // 1_000_000 if ns % 1_000_000 == 0 else ns // 1_000_000 + ns % 1_000_000 / 1_000_000


def replay(server, record, start, *arguments):
    code, said = salus.run("replay", record, "--ready", server.ready_file, "--speed", "0", "--start", start.strftime("%Y-%m-%dT%H:%M:%SZ"), *arguments, timeout=300)
    expect(code == 0, f"salus replay: {said}")


def same(stored, expected, what, tolerance=1e-9):
    expect(len(stored) == len(expected), f"{what}: {len(expected)} samples were recorded, {len(stored)} are stored")
    for (t, v), (want_t, want_v) in zip(stored, expected):
        expect(t == want_t and abs(v - want_v) < tolerance, f"{what}: stored is {(t, v)}, recorded {(want_t, want_v)}")


def format_212(path, samples):
    """Two channels of 12 bits, interleaved (WFDB signal format 212)."""
    data = path.read_bytes()[:samples * 3]
    sign = lambda value: value - 4096 if value >= 2048 else value  # noqa: E731
    first = [sign(data[i] | (data[i + 1] & 0x0F) << 8) for i in range(0, len(data), 3)]
    second = [sign(data[i + 2] | (data[i + 1] & 0xF0) << 4) for i in range(0, len(data), 3)]
    return first, second


def ecg(server, record, seconds):
    """A half-hour two-lead ECG at 360 Hz: 25,000,000/9 ns a sample, 5 µV a step."""
    if not (MITDB / f"{record}.hea").exists():
        raise Skip(f"{MITDB / record} is not there")
    lines = (MITDB / f"{record}.hea").read_text().splitlines()
    expect(lines[0].split()[2] == "360" and all(line.split()[1:3] == ["212", "200"] and line.split()[4] == "1024" for line in lines[1:3]), "the header is another than this test knows")
    start = start_of(seconds)
    replay(server, MITDB / record, start, "--seconds", str(seconds))
    start_ns = int(start.timestamp()) * 1_000_000_000
    for samples, lead in zip(format_212(MITDB / f"{record}.dat", seconds * 360), (line.split()[-1] for line in lines[1:3])):
        code = {"MLII": "ecg_ii", "V1": "ecg_v"}.get(lead)
        if code is None:
            continue
        expected = [(milliseconds(start_ns + i * 25_000_000 // 9), (s - 1024) / 200) for i, s in enumerate(samples)]
        same(server.series(record, code), expected, f"{record} {lead}")
    return f"{record}, {seconds} s"


def numerics(record):
    """[(second, {code: value})] of a recording's numbers; what is not a number was not measured."""
    with open(BIDMC / f"{record}_Numerics.csv") as file:
        rows = csv.reader(file)
        names = [{"HR": "hr", "PULSE": "pulse", "RESP": "rr", "SpO2": "spo2"}.get(name.strip()) for name in next(rows)]
        return [(int(float(row[0])), {name: float(cell) for name, cell in zip(names, row) if name and cell.strip().lower() not in ("", "nan")}) for row in rows]


def signals(record):
    with gzip.open(BIDMC / f"{record}_Signals.csv.gz", "rt") as file:
        rows = csv.reader(file)
        names = [name.strip() for name in next(rows)]
        return names, [[float(Decimal(cell.strip()).quantize(STORED, ROUND_HALF_UP)) for cell in row] for row in rows]


def vitals(server, record):
    """Eight minutes of an ICU patient: numbers each second, waves at 125 Hz."""
    if not (BIDMC / f"{record}_Numerics.csv").exists():
        raise Skip(f"{BIDMC / record} is not there")
    numbers = numerics(record)
    start = start_of(len(numbers))
    replay(server, BIDMC / record, start)
    start_ns = int(start.timestamp()) * 1_000_000_000
    for code in ("hr", "pulse", "rr", "spo2"):
        expected = [(milliseconds(start_ns + second * 1_000_000_000), values[code]) for second, values in numbers if code in values]
        same(server.series(record, code), expected, f"{record} {code}")
    if (BIDMC / f"{record}_Signals.csv.gz").exists():
        names, rows = signals(record)
        for name, code in (("RESP", "resp"), ("PLETH", "pleth"), ("II", "ecg_ii")):
            at = names.index(name)
            expected = [(milliseconds(start_ns + i * 8_000_000), row[at]) for i, row in enumerate(rows)]
            same(server.series(record, code), expected, f"{record} {name}")
    wanted = alarms_of(numbers)
    raised = lambda: Counter((a["code"], a["rule"], a["priority"]) for a in server.alarms(device=record) if a["rule"] in ("low", "high"))  # noqa: E731
    eventually(lambda: raised() == wanted)
    expect(raised() == wanted, f"{record}: the limits say {dict(wanted)}, recorded are {dict(raised())}")
    return f"{record}, {len(numbers)} s, {sum(wanted.values())} alarms"


def alarms_of(numbers):
    """What the limits say, worked out naively by the samples' own time: Counter of (code, rule, priority)."""
    raised = Counter()
    for code, rules in LIMITS.items():
        for rule in ("low", "high"):
            onset, active = [None] * len(rules), None
            for second, values in numbers:
                if code not in values:
                    continue
                value, target = values[code], None
                for i, (_, low, high, delay, hysteresis) in enumerate(rules):
                    limit = low if rule == "low" else high
                    broken = limit is not None and (value < limit if rule == "low" else value > limit)
                    onset[i] = (second if onset[i] is None else onset[i]) if broken else None
                    held = active == i and limit is not None and (value < limit + hysteresis if rule == "low" else value > limit - hysteresis)
                    if target is None and (held or (broken and second - onset[i] >= delay)):
                        target = i
                if target != active and target is not None:
                    raised[code, rule, rules[target][0]] += 1
                active = target
    return raised


def export(server, device, name, *arguments):
    file = server.folder / name
    code, said = salus.run("export", device, file, "--ready", server.ready_file, *arguments)
    expect(code == 0, f"salus export: {said}")
    return file


def files(server, record, seconds):
    """Out as WFDB and EDF+ and in again: every sample at its place, the gap between two plays a gap."""
    if not (MITDB / f"{record}.hea").exists():
        raise Skip(f"{MITDB / record} is not there")
    start, gap = start_of(2 * seconds + 600), 7
    for begin in (start, start + timedelta(seconds=seconds + gap)):
        replay(server, MITDB / record, begin, "--seconds", str(seconds), "--prefix", "files-")
    device = f"files-{record}"
    stored = {code: server.series(device, code) for code in ("ecg_ii", "ecg_v")}
    expect(all(len(items) == 2 * seconds * 360 for items in stored.values()), "not all is stored")

    wfdb = export(server, device, "wfdb", "--format", "wfdb")
    header = wfdb.with_suffix(".hea").read_text().splitlines()
    expect(header[0].split()[1:4] == ["2", "360", str((2 * seconds + gap) * 360)], f"the header says {header[0]}")
    data = wfdb.with_suffix(".dat").read_bytes()
    first, second = format_212(MITDB / f"{record}.dat", seconds * 360)
    for channel, recorded in enumerate((first, second)):
        words = [int.from_bytes(data[i:i + 2], "little", signed=True) for i in range(2 * channel, len(data), 4)]
        gain, baseline = (int(x) for x in header[1 + channel].split()[2].split("/")[0].rstrip(")").split("("))
        expected = [(s - 1024) * gain // 200 + baseline for s in recorded]
        expected = expected + [-32768] * (gap * 360) + expected
        expect(words == expected, f"channel {channel} of the WFDB file is not what was recorded")

    edf = export(server, device, "edf").with_suffix(".edf")
    expect(edf.read_bytes()[192:197] == b"EDF+D", "the file says that it has no gap")
    for path, prefix in ((edf, "back-"), (wfdb, "again-")):
        replay(server, path, start, "--prefix", prefix)
        for code, items in stored.items():
            same(server.series(prefix + path.stem, code), items, f"{path.name} played again, {code}", tolerance=1e-12)
    return f"{sum(len(items) for items in stored.values())} samples, twice there and back"


def nothing_to_export(server):
    server.create_device("silent")
    code, said = salus.run("export", "silent", server.folder / "none", "--ready", server.ready_file)
    expect(code == 2 and "no waves" in said, f"salus export says {code} {said}")


def main():
    cases = Cases()
    with Server() as server:
        cases.run("a recorded ECG is stored sample for sample", ecg, server, "101", 60)
        cases.run("another recorded ECG", ecg, server, "208", 60)
        present = sorted(p.name.removesuffix("_Numerics.csv") for p in BIDMC.glob("*_Numerics.csv")) if BIDMC.is_dir() else []
        alarming = [r for r in present if r != "bidmc_01" and alarms_of(numerics(r))][:2]
        cases.run("recorded vital signs are stored as recorded and alarm by the limits", vitals, server, "bidmc_01")
        for record in alarming:
            cases.run(f"vital signs of {record}, which crosses limits", vitals, server, record)
        cases.run("stored waves as WFDB and EDF+ files, and back", files, server, "101", 20)
        cases.run("a device without waves", nothing_to_export, server)
        cases.run("the server stops cleanly", lambda: expect(server.stop() == 0, server.said()))
        code, said = salus.run("verify", "--data", server.data)
        cases.run("what it leaves is whole", lambda: expect(code == 0, said))
    cases.end()


if __name__ == "__main__":
    main()
