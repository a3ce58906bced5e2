import { describe, expect, it } from "vitest";
import { decode_frame } from "./frame";

interface Row {
  device: string;
  code: string;
  flags: number;
  first_ns: bigint;
  period: [number, number];
  offset: number;
  multiplier: number;
  missing: [number, number];
  samples: number[];
}
const usual: Row = {
  device: "m-7", code: "ecg_ii", flags: 0, first_ns: 1_772_352_000_250_000_000n, period: [1_000_000_000, 250], offset: 0, multiplier: 0.005, missing: [0, 0], samples: [0, 200, -100],
};

function encode(row: Row): ArrayBuffer {
  const names = new TextEncoder().encode(row.device + row.code);
  const at = 48 + names.length + (names.length % 2);
  const data = new ArrayBuffer(at + 2 * row.samples.length);
  const view = new DataView(data);
  view.setUint8(0, 1);
  view.setUint8(1, new TextEncoder().encode(row.device).length);
  view.setUint8(2, row.code.length);
  view.setUint8(3, row.flags);
  view.setBigInt64(4, row.first_ns, true);
  view.setBigUint64(12, BigInt(row.period[0]), true);
  view.setUint32(20, row.period[1], true);
  view.setUint32(24, row.samples.length, true);
  view.setInt32(28, row.offset, true);
  view.setFloat64(32, row.multiplier, true);
  view.setUint32(40, row.missing[0], true);
  view.setUint32(44, row.missing[1], true);
  new Uint8Array(data).set(names, 48);
  row.samples.forEach((sample, i) => view.setInt16(at + 2 * i, sample, true));
  return data;
}

describe("decode_frame", () => {
  it("reads names, time, period and values", () => {
    const frame = decode_frame(encode(usual));
    expect(frame).toMatchObject({ device: "m-7", code: "ecg_ii", provisional: false, first_ms: 1_772_352_000_250, period_ms: 4 });
    expect([...(frame?.values ?? [])]).toEqual([0, 1, -0.5]);
  });

  it.each<[string, Partial<Row>, number[]]>([
    ["an offset is subtracted first", { offset: 100, multiplier: 0.5, samples: [100, 102] }, [0, 1]],
    ["a run without signal is no number", { multiplier: 1, missing: [1, 2], samples: [5, 6, 7, 8] }, [5, Number.NaN, Number.NaN, 8]],
    ["a run beyond the end ends with it", { multiplier: 1, missing: [1, 9], samples: [5, 6] }, [5, Number.NaN]],
    ["names of odd length are padded", { device: "mm", code: "art", multiplier: 1, samples: [-7] }, [-7]],
    ["names may be of any language", { device: "监护-1", multiplier: 1, samples: [3] }, [3]],
  ])("%s", (_, change, values) => {
    const frame = decode_frame(encode({ ...usual, ...change }));
    expect([...(frame?.values ?? [])]).toEqual(values);
    expect(frame?.device).toBe(change.device ?? usual.device);
  });

  it("knows a provisional frame", () => expect(decode_frame(encode({ ...usual, flags: 1 }))?.provisional).toBe(true));

  it("refuses every cut and every longer frame", () => {
    const whole = encode(usual);
    for (let bytes = 0; bytes < whole.byteLength; ++bytes) expect(decode_frame(whole.slice(0, bytes))).toBeNull();
    const longer = new Uint8Array(whole.byteLength + 2);
    longer.set(new Uint8Array(whole));
    expect(decode_frame(longer.buffer)).toBeNull();
  });

  it.each<[string, number, number]>([
    ["another version", 0, 2],
    ["a period of zero", 20, 0],
    ["a count that is not there", 27, 255],
  ])("refuses %s", (_, at, byte) => {
    const data = encode(usual);
    new Uint8Array(data)[at] = byte;
    expect(decode_frame(data)).toBeNull();
  });
});
