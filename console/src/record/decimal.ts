// JSON whose decimals keep their digits: "1.00" stays "1.00" from the server to the screen and back. A number that JavaScript
// would say differently becomes a Decimal, which is its text; all others are numbers.
export class Decimal {
  constructor(readonly text: string) {}
  toString() {
    return this.text;
  }
  valueOf() {
    return Number(this.text);
  }
}
export type Num = number | Decimal;

// U+0001 cannot stand in a FHIR string, so a string that begins with it is one of ours.
const mark = "\u0001";
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const marked = /"\\u0001([^"]*)"/g;

export function parse_keeping(text: string): unknown {
  const kept = text.replace(tokens, (token) => (token[0] === '"' || String(Number(token)) === token ? token : `"\\u0001${token}"`));
  return JSON.parse(kept, (_key, value: unknown) => (typeof value === "string" && value.startsWith(mark) ? new Decimal(value.slice(1)) : value)) as unknown;
}

export function write_keeping(value: unknown, indent = 0): string {
  const text = JSON.stringify(value, (_key, one: unknown) => (one instanceof Decimal ? mark + one.text : one), indent);
  return text.replace(marked, "$1");
}

// What somebody typed, digit for digit; null where it is no decimal. A comma is a point.
export function typed_decimal(text: string): Num | null {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(plain)) return null;
  return String(Number(plain)) === plain ? Number(plain) : new Decimal(plain);
}
