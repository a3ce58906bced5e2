import { expect, test } from "vitest";
import { lanes_of } from "./lanes";

const codes = (...all: string[]) => lanes_of(all.map((code) => ({ device: "m-1", code }))).map((lane) => lane.traces.map((trace) => trace.code).join(" "));

test("pressures stand together, systolic first; heart rate and saturation come first", () =>
  expect(codes("temp", "nibp_dia", "rr", "nibp_mean", "spo2", "nibp_sys", "hr", "news2")).toEqual(["hr", "spo2", "rr", "nibp_sys nibp_mean nibp_dia", "temp", "news2"]));
test("two devices have a lane each", () =>
  expect(lanes_of([{ device: "b", code: "hr" }, { device: "a", code: "hr" }]).map((lane) => lane.key)).toEqual(["a hr", "b hr"]));
