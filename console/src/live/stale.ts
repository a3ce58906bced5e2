// When a number is no longer to be trusted: grey after twice the period at which it came, gone after 30 s. The cuff measures
// every few minutes by nature, so its numbers live by the cycle that was seen, or 15 minutes.
export type Freshness = "fresh" | "stale" | "gone";

const gone_after_ms = 30_000;
const period_ms_unknown = 1_000;
const stale_ms_min = 2_000; // ages are told once a second: less would flicker
const cuff_cycle_ms = 15 * 60_000;

export const is_cuff = (code: string) => code.startsWith("nibp_") || code === "pulse_nibp";

export function freshness(code: string, age_ms: number, period_ms: number | null): Freshness {
  if (is_cuff(code)) {
    const cycle = Math.max(period_ms ?? 0, cuff_cycle_ms);
    return age_ms > 2 * cycle ? "gone" : age_ms > cycle + stale_ms_min ? "stale" : "fresh";
  }
  if (age_ms > gone_after_ms) return "gone";
  return age_ms > Math.max(stale_ms_min, 2 * (period_ms ?? period_ms_unknown)) ? "stale" : "fresh";
}
