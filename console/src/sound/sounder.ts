// What is heard, and whether anything can be. One burst after another of the most urgent unanswered alarm; a more urgent one
// cuts in, an answered one stops. Outside React: it goes on whichever page is open.
//
// Silence is never a guess: `state` is "on" only while the browser's audio runs and somebody has confirmed hearing it.
import type { Priority } from "../api/types";
import { burst_ms, bursts, schedule_burst } from "./bursts";

export type SoundState =
  | { kind: "unconfirmed" } // nobody has said that the test tone was heard
  | { kind: "suspended" } // the browser plays nothing until somebody clicks
  | { kind: "paused"; until: number }
  | { kind: "on" };

export const pause_ms = 120_000;
export const shift_ms = 12 * 3_600_000; // after which the test tone is to be heard again
const look_every_ms = 100;
const rank: Record<Priority, number> = { high: 0, medium: 1, low: 2 };

export class Sounder {
  private context: AudioContext | null = null;
  private level: Priority | null = null;
  private sounding: Priority | null = null;
  private next_at = 0;
  private stop_burst: () => void = () => undefined;
  private paused_until = 0;
  private told = "";
  private readonly timer: ReturnType<typeof setInterval>;

  // `heard_at`: when somebody last confirmed the test tone, ms; 0: never. `tell` is called when the state has changed.
  constructor(
    private heard_at: number,
    private readonly tell: () => void,
  ) {
    this.timer = setInterval(() => this.look(), look_every_ms);
  }

  end() {
    clearInterval(this.timer);
    this.stop_burst();
    void this.context?.close();
  }

  state(now = Date.now()): SoundState {
    if (this.heard_at === 0 || now - this.heard_at > shift_ms) return { kind: "unconfirmed" };
    if (this.context?.state !== "running") return { kind: "suspended" };
    if (this.paused_until > now) return { kind: "paused", until: this.paused_until };
    return { kind: "on" };
  }

  // The most urgent alarm that nobody has answered; null: none.
  set_level(level: Priority | null) {
    this.level = level;
    this.look();
  }

  // Only what a person does may start audio: call from a click or a key.
  async wake() {
    this.context ??= new AudioContext();
    await this.context.resume().catch(() => undefined);
    this.look();
  }

  async test() {
    await this.wake();
    if (!this.context) return;
    this.stop_burst();
    this.sounding = null;
    this.stop_burst = schedule_burst(this.context, bursts.medium, this.context.currentTime + 0.05);
    this.next_at = Date.now() + burst_ms(bursts.medium) + 1_000;
  }
  heard(now = Date.now()) {
    this.heard_at = now;
    this.look();
  }
  not_heard() {
    this.heard_at = 0;
    this.look();
  }

  toggle_pause(now = Date.now()) {
    this.paused_until = this.paused_until > now ? 0 : now + pause_ms;
    this.look();
  }

  private look() {
    const now = Date.now();
    const state = this.state(now);
    const said = `${state.kind} ${this.paused_until > now ? this.paused_until : ""}`;
    if (said !== this.told) {
      this.told = said;
      this.tell();
    }
    const level = this.paused_until > now ? null : this.level;
    if (this.sounding !== null && (level === null || rank[level] < rank[this.sounding])) {
      this.stop_burst();
      this.sounding = null;
      this.next_at = 0;
    }
    // Even unconfirmed it sounds if it can: too much is said about silence rather than too little heard.
    if (level === null || this.context?.state !== "running" || now < this.next_at) return;
    const burst = bursts[level];
    this.stop_burst();
    this.stop_burst = schedule_burst(this.context, burst, this.context.currentTime + 0.05);
    this.sounding = level;
    this.next_at = now + burst_ms(burst) + burst.again_after_ms;
  }
}
