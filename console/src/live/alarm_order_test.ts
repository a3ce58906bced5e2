import { describe, expect, it } from "vitest";
import type { Alarm } from "../api/types";
import { in_order, is_newer, to_acknowledge } from "./alarm_order";

const alarm = (id: string, change: Partial<Alarm> = {}): Alarm => ({
  id, device: "m-1", bed: "B01", code: "hr", rule: "high", priority: "medium", state: "active", acknowledged: null, acknowledged_before: null, reminders: 0, latching: false,
  raised: "2026-03-01T08:00:00Z", ended: null, value: 140, limit: 130, unit: "/min", text: "", provisional: false, version: 1, ...change,
});
const answered = { by: "ward", at: "2026-03-01T08:01:00Z" };

describe("alarms", () => {
  it("stand by priority, then unanswered, then the oldest", () => {
    const all = [
      alarm("low old", { priority: "low", raised: "2026-03-01T07:00:00Z" }),
      alarm("high new", { priority: "high", raised: "2026-03-01T08:05:00Z" }),
      alarm("high answered", { priority: "high", raised: "2026-03-01T07:00:00Z", acknowledged: answered }),
      alarm("medium"),
      alarm("high old", { priority: "high" }),
    ];
    expect(in_order(all).map((one) => one.id)).toEqual(["high old", "high new", "high answered", "medium", "low old"]);
  });

  it.each<[string, Alarm[], string | null]>([
    ["nothing of none", [], null],
    ["the first unanswered", [alarm("a", { priority: "high", acknowledged: answered }), alarm("b")], "b"],
    ["never a provisional one", [alarm("a", { priority: "high", provisional: true }), alarm("b")], "b"],
    ["never an ended one", [alarm("a", { state: "ended" })], null],
    ["also a latched one", [alarm("a", { state: "latched", ended: "2026-03-01T08:01:00Z" })], "a"],
  ])("A answers %s", (_, all, id) => expect(to_acknowledge(all)?.id ?? null).toBe(id));

  it.each<[string, Partial<Alarm>, Partial<Alarm>, boolean]>([
    ["a higher version", { version: 2 }, { version: 1 }, true],
    ["the same again", { version: 2 }, { version: 2 }, false],
    ["an overtaken one", { version: 1 }, { version: 2 }, false],
    ["the durable form of a provisional one", { version: 1 }, { version: 1, provisional: true }, true],
    ["one whose bed was corrected", { version: 1, bed: "B02" }, { version: 1 }, true],
    ["one whose patient was corrected", { version: 1, patient: { id: "P-2", label: "" } }, { version: 1 }, true],
    ["the provisional form of a durable one", { version: 1, provisional: true }, { version: 1 }, false],
  ])("%s", (_, next, known, newer) => expect(is_newer(alarm("a", next), alarm("a", known))).toBe(newer));
});
