import { expect, test } from "vitest";
import { aligned, gutter_px, page_with, pieces, time_at_point, type Layout } from "./rows";

const layout: Layout = { start: 600_000, row_ms: 60_000, rows: 10, width: gutter_px + 600, row_px: 50 };

test("a point is a time", () => {
  expect(time_at_point(gutter_px, 0, layout)).toBe(600_000);
  expect(time_at_point(gutter_px + 300, 75, layout)).toBe(690_000);
  expect(time_at_point(0, 9_999, layout)).toBe(600_000 + 9 * 60_000);
});
test("a span that goes over the end of a line has two pieces", () =>
  expect(pieces(655_000, 665_000, layout)).toEqual([
    { row: 0, left: gutter_px + 550, right: gutter_px + 600 },
    { row: 1, left: gutter_px, right: gutter_px + 50 },
  ]));
test("what lies outside has none", () => expect([pieces(0, 599_000, layout), pieces(1_300_000, 1_400_000, layout)]).toEqual([[], []]));
test("a page holds its time and ends with now", () => {
  expect(page_with(1_000_000_000, 60_000, 20, 2_000_000_000)).toBe(aligned(1_000_000_000, 60_000) - 300_000);
  expect(page_with(2_000_000_000, 60_000, 20, 2_000_000_000)).toBe(aligned(2_000_000_000, 60_000) - 19 * 60_000);
});
