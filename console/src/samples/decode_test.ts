import { expect, test } from "vitest";
import { decode_picture, decode_samples } from "./decode";

const bytes = (hex: string) => Uint8Array.from(hex.trim().split(/\s+/), (two) => parseInt(two, 16)).buffer;
// docs/formats/samples.md, "Example".
const example = "53 52 01 01 01 04 2f 6d 69 6e 00 00 00 00 00 00 00 80 02 0a 00 00 fa ed 51 72 86 18 90 01 02 80 a8 d6 b9 07";

test("the example of the format's page", () => {
  const { unit, next, times, values } = decode_samples(bytes(example));
  expect({ unit, next, times: [...times], values: [...values] }).toEqual({ unit: "/min", next: null, times: [1767225600000, 1767225601000], values: [72, 73] });
});
test("every cut of it is refused", () => {
  const whole = example.split(" ");
  for (let size = 0; size < whole.length; ++size) expect(() => decode_samples(bytes(whole.slice(0, size).join(" ") || "00"))).toThrow();
});
test("another version, another content and a count without bytes are refused", () => {
  expect(() => decode_samples(bytes(example.replace("53 52 01", "53 52 02")))).toThrow();
  expect(() => decode_picture(bytes(example))).toThrow();
  expect(() => decode_samples(bytes(example.replace("80 02 0a", "80 ff ff ff 7f 0a")))).toThrow("cut short");
});
test("a silence of a year does not shift what follows", () => {
  // Distances: a year, then 4 ms; the second is coded as their difference.
  const varint = (n: bigint): string => (n < 128n ? n.toString(16).padStart(2, "0") : `${((n & 127n) | 128n).toString(16)} ${varint(n >> 7n)}`);
  const year = 31_536_000_000_000_000n;
  const zigzag = (n: bigint) => varint(n < 0n ? -2n * n - 1n : 2n * n);
  const { times } = decode_samples(bytes(`53 52 01 01 00 00 00 00 00 00 00 00 00 80 03 01 00 00 fa ed 51 72 86 18 02 00 00 ${zigzag(year)} ${zigzag(4_000_000n - year)}`));
  expect([...times]).toEqual([1767225600000, 1798761600000, 1798761600004]);
});
test("a picture's columns", () => {
  // Scale 1; columns 0 (2 samples, 7.2 to 7.4) and 5 (1 sample, 7.1), a second each.
  const { index, count, low, high, step_ms } = decode_picture(bytes("53 52 01 02 01 01 25 00 00 fa ed 51 72 86 18 00 ca 9a 3b 00 00 00 00 02 00 02 90 01 02 05 01 01 00"));
  expect([step_ms, [...index], [...count], [...low], [...high]]).toEqual([1000, [0, 5], [2, 1], [7.2, 7.1], [7.4, 7.1]]);
});
