// What an alarm sounds like, as data. Source: IEC 60601-1-8:2006+A1:2012, 6.3.3.1, tables 3 and 4 ("melody" pulses are not
// used). The ranges beside each figure are the standard's as commonly published; the hospital's copy is to be checked.
//
//   high    10 pulses as 3+2, 3+2; medium 3; low 1 or 2
//   pulse   75–200 ms (high), 125–250 ms (medium, low); rise 10–40 % of it
//   gap     x: 50–125 ms (high), y: 125–250 ms (medium, low); in a high burst 2x + a pulse after the third pulse
//   break   350–1300 ms between the fifth and sixth pulse of a high burst
//   burst   again after 2.5–15 s (high), 2.5–30 s (medium), 15 s or more (low)
//   tone    150–1000 Hz, with at least four components of 300–4000 Hz, each within 15 dB of the fundamental
import type { Priority } from "../api/types";

export interface Burst {
  pulse_ms: number;
  rise_ms: number; // fall takes as long
  gaps_ms: readonly number[]; // from the end of a pulse to the beginning of the next; one fewer than pulses
  again_after_ms: number; // from the end of a burst to the beginning of the next
  tone_hz: number;
}

// Relative amplitude of the fundamental and its multiples: 0, -6, -9.5, -12, -14 dB.
export const harmonics: readonly number[] = [1, 0.5, 0.333, 0.25, 0.2];

const five = [100, 100, 350, 100];
export const bursts: Record<Priority, Burst> = {
  high: { pulse_ms: 150, rise_ms: 25, gaps_ms: [...five, 600, ...five], again_after_ms: 5_000, tone_hz: 523 },
  medium: { pulse_ms: 200, rise_ms: 30, gaps_ms: [200, 200], again_after_ms: 12_000, tone_hz: 440 },
  low: { pulse_ms: 200, rise_ms: 30, gaps_ms: [200], again_after_ms: 25_000, tone_hz: 330 },
};

// When each pulse begins, in ms after the burst's beginning.
export function pulse_starts(burst: Burst): number[] {
  const starts = [0];
  for (const gap of burst.gaps_ms) starts.push((starts[starts.length - 1] ?? 0) + burst.pulse_ms + gap);
  return starts;
}
export const burst_ms = (burst: Burst): number => (pulse_starts(burst).pop() ?? 0) + burst.pulse_ms;

const loudness = 0.35; // of full scale, all harmonics together below 1

// Lays one burst into `context` from `at_s` on. Returns what stops it.
export function schedule_burst(context: BaseAudioContext, burst: Burst, at_s: number): () => void {
  const gate = context.createGain();
  gate.gain.setValueAtTime(0, at_s);
  gate.connect(context.destination);
  for (const start of pulse_starts(burst)) {
    const from = at_s + start / 1000;
    const to = from + burst.pulse_ms / 1000;
    gate.gain.setValueAtTime(0, from);
    gate.gain.linearRampToValueAtTime(loudness, from + burst.rise_ms / 1000);
    gate.gain.setValueAtTime(loudness, to - burst.rise_ms / 1000);
    gate.gain.linearRampToValueAtTime(0, to);
  }
  const oscillator = context.createOscillator();
  oscillator.setPeriodicWave(
    context.createPeriodicWave(new Float32Array(harmonics.length + 1), new Float32Array([0, ...harmonics]), { disableNormalization: true }),
  );
  oscillator.frequency.value = burst.tone_hz;
  oscillator.connect(gate);
  oscillator.start(at_s);
  oscillator.stop(at_s + burst_ms(burst) / 1000 + 0.05);
  return () => {
    oscillator.disconnect();
    gate.disconnect();
  };
}
