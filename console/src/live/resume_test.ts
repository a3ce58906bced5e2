import { describe, expect, it } from "vitest";
import type { FeedMessage } from "../api/types";
import { Resume } from "./resume";

const welcome = (epoch: number, offset: number, resumed: boolean): FeedMessage => ({
  type: "welcome", user: "admin", now: "2026-03-01T08:00:00Z", epoch, offset, resumed, recording: true, simulated: false, version: "0.1.0",
});
const position = (epoch: number, offset: number): FeedMessage => ({ type: "position", epoch, offset });
const since = (resume: Resume) => (resume.hello("t") as { since?: unknown }).since;

describe("Resume", () => {
  it.each<[string, FeedMessage[], unknown]>([
    ["nothing heard: from nowhere", [], undefined],
    ["a fresh welcome is a position", [welcome(3, 88, false)], { epoch: 3, offset: 88 }],
    ["positions move it", [welcome(3, 88, false), position(3, 90)], { epoch: 3, offset: 90 }],
    ["a repeat does not move it back", [welcome(3, 88, false), position(3, 90), position(3, 89)], { epoch: 3, offset: 90 }],
    ["a resumed welcome does not skip what still follows", [position(3, 90), welcome(3, 99, true)], { epoch: 3, offset: 90 }],
    ["another epoch begins anew", [position(3, 90), welcome(4, 10, false), position(4, 12)], { epoch: 4, offset: 12 }],
    ["events carry none", [position(3, 90), { type: "sector_removed", device: "m" }], { epoch: 3, offset: 90 }],
  ])("%s", (_, messages, expected) => {
    const resume = new Resume();
    for (const message of messages) resume.heard(message);
    expect(since(resume)).toEqual(expected);
  });

  it("waits 1 to 5 s, and 1 s again after a welcome", () => {
    const resume = new Resume();
    expect([1, 2, 3, 4, 5].map(() => resume.wait_ms())).toEqual([1000, 2000, 4000, 5000, 5000]);
    resume.heard(welcome(1, 1, false));
    expect(resume.wait_ms()).toBe(1000);
  });
});
