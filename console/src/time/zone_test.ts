import { expect, test } from "vitest";
import { instants_of, iso_text, is_repeated, is_zone, moment_text, offset_text, parse_local } from "./zone";

const berlin = "Europe/Berlin";
const at = (iso: string) => Date.parse(iso);

// In Berlin the hour from 02:00 comes twice on 2026-10-25 and not at all on 2026-03-29.
test.each([
  ["2026-10-25 01:59", ["2026-10-24T23:59:00Z"]],
  ["2026-10-25 02:30", ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]],
  ["2026-10-25 03:00", ["2026-10-25T02:00:00Z"]],
  ["2026-03-29 02:30", []],
  ["2026-07-01 12:00:05", ["2026-07-01T10:00:05Z"]],
  ["2026-10-25 02:30 +01:00", ["2026-10-25T01:30:00Z"]],
  ["2026-10-25 02:30 UTC+02:00", ["2026-10-25T00:30:00Z"]],
  ["2026-10-25 02:30Z", ["2026-10-25T02:30:00Z"]],
  ["2026-02-30 10:00", []],
  ["24:00", []],
  ["ten past three", []],
])("%s in Berlin", (text, wanted) => expect(parse_local(text, berlin, 0)).toEqual(wanted.map(at)));

test("a time alone is of the day that is looked at", () =>
  expect(parse_local("9:05", berlin, at("2026-01-15T23:30:00Z"))).toEqual([at("2026-01-16T08:05:00Z")]));

test("the repeated hour says which one it is, other hours do not", () => {
  expect(moment_text(at("2026-10-25T00:30:00Z"), berlin)).toBe("2026-10-25 02:30:00 UTC+02:00");
  expect(moment_text(at("2026-10-25T01:30:00Z"), berlin)).toBe("2026-10-25 02:30:00 UTC+01:00");
  expect(moment_text(at("2026-10-25T02:30:00Z"), berlin)).toBe("2026-10-25 03:30:00");
  expect(is_repeated(at("2026-10-25T02:00:00Z"), berlin)).toBe(false);
});

test.each([["Asia/Kathmandu", "UTC+05:45"], ["America/St_Johns", "UTC−03:30"], ["UTC", "UTC+00:00"]])("the offset of %s is %s", (zone, wanted) =>
  expect(offset_text(at("2026-01-01T00:00:00Z"), zone)).toBe(wanted));

test("hours of two years come back from the ward's clock", () => {
  for (const zone of [berlin, "Australia/Lord_Howe", "America/New_York"])
    for (let ms = at("2025-01-01T00:00:00Z"); ms < at("2027-01-01T00:00:00Z"); ms += 13 * 3_600_000)
      expect(parse_local(iso_text(ms, zone), zone, 0)).toEqual([ms]);
});
test("what is no zone is said", () => expect([is_zone("Europe/Berlin"), is_zone("Nowhere/At_All")]).toEqual([true, false]));
test("one hour that is not repeated has one instant", () => expect(instants_of({ year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 }, "UTC")).toEqual([at("2026-01-01T00:00:00Z")]));
