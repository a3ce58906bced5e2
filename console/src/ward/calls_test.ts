import { expect, it } from "vitest";
import type { Alarm, Session } from "../api/types";
import { calls, is_for } from "./calls";

const nurse = { user: "nurse", roles: ["clinician"] } as unknown as Session;
const desk = { user: "desk-1", roles: ["clinician"], station: { id: "desk-1", name: "Desk", ward: "ICU" } } as unknown as Session;
const alarm = (change: object) => ({ id: "a", device: "m-1", state: "active", acknowledged: null, escalated: [], ...change }) as unknown as Alarm;

it.each<[string, Session, boolean]>([
  ["user:nurse", nurse, true],
  ["user:trainee", nurse, false],
  ["role:clinician", nurse, true],
  ["role:engineer", nurse, false],
  ["station:desk-1", nurse, false],
  ["station:desk-1", desk, true],
  ["station:desk-2", desk, false],
  ["role:clinician", desk, false],
  ["user:desk-1", desk, false],
  ["nurse", nurse, false],
])("%s is told", (to, session, told) => {
  expect(is_for(to, session)).toBe(told);
});

it("an alarm calls while nobody has accepted it", () => {
  const escalated = [{ step: 1, to: "user:nurse", at: "" }];
  expect(calls([alarm({}), alarm({ escalated }), alarm({ escalated, acknowledged: { by: "x", at: "" } }), alarm({ escalated, state: "ended" })], nurse)).toHaveLength(1);
  expect(calls([alarm({ device: "" })], nurse)).toHaveLength(1);
});
