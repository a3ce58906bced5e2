// What the programs beside this share: arguments, and a line a case as tests/run.py counts them.
import { isDeepStrictEqual } from "node:util";

export const [url, token] = process.argv.slice(2);

export function expect(right, otherwise) {
  if (!right) throw new Error(otherwise);
}

export function same(seen, wanted, what) {
  expect(isDeepStrictEqual(seen, wanted), `${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`);
}

// What the promise is refused with.
export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

let failed = 0;
export async function test(name, body) {
  try {
    await body();
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${String(error?.stack ?? error).slice(0, 900).replaceAll("\n", " ")}`);
  }
}

export const end = () => process.exit(failed > 0 ? 1 : 0);
