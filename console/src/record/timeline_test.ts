import { expect, test } from "vitest";
import { joined } from "./timeline";

const time = (item: number | string) => (typeof item === "number" ? item : null);

test("what is whole is shown in one order, the undated last", () =>
  expect(joined<number | string>([{ items: [9, 4, "x"], next: null }, { items: [7, 5], next: null }], time)).toEqual({ shown: [9, 7, 5, 4, "x"], withheld: 0, next_of: null }));

test("nothing is shown behind the end of a list that goes on", () =>
  expect(joined([{ items: [9, 8, 7], next: "a" }, { items: [6, 2], next: null }, { items: [9, 3], next: "b" }], time)).toEqual({ shown: [9, 9, 8, 7], withheld: 3, next_of: 0 }));

test("a list that has said nothing yet holds everything back", () =>
  expect(joined<number>([{ items: [], next: "a" }, { items: [6], next: null }], time)).toEqual({ shown: [], withheld: 1, next_of: 0 }));
