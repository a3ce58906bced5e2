import { expect, test } from "vitest";
import { plan } from "./plan";

const room = { width: 1904, height: 940 }; // of the grid at 1920 x 1080, below the bar and the alarms
test.each([
  // beds  density   kind     columns rows
  [1, "auto", "large", 1, 1],
  [4, "auto", "large", 2, 2],
  [16, "auto", "large", 4, 4],
  [17, "auto", "small", 5, 4],
  [64, "auto", "small", 8, 8],
  [200, "auto", "small", 8, 8],
  [64, "large", "large", 4, 4],
  [16, "small", "small", 4, 4],
] as const)("%i beds, %s: %s sectors, %i by %i", (beds, density, kind, columns, rows) => {
  expect(plan(beds, room.width, room.height, density)).toEqual({ kind, columns, rows });
});

test("a phone shows one column of large sectors", () => {
  expect(plan(8, 374, 640, "auto")).toMatchObject({ kind: "large", columns: 1 });
});

test("every shape has room for every bed up to what fits", () => {
  for (let beds = 1; beds <= 64; ++beds) {
    const { columns, rows } = plan(beds, room.width, room.height, "auto");
    expect(columns * rows).toBeGreaterThanOrEqual(beds);
  }
});
