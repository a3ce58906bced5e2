// Cases of a browser test: one line each, exit code 1 when one failed.
let failures = 0;

export async function check(name, body) {
  try {
    await body();
    console.log(`ok ${name}`);
  } catch (error) {
    ++failures;
    console.log(`FAILED ${name}: ${String(error?.message ?? error).split("\n").slice(0, 4).join(" ")}`);
  }
}

export function expect(what, why) {
  if (!what) throw new Error(why);
}

// What a call answered, which must have gone well.
export function done(answer) {
  expect(answer.status < 300, `${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export const finish = () => process.exit(failures === 0 ? 0 : 1);
