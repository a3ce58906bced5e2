// Draws every wave of the page from one animation loop, off React's path: per frame and wave a few line segments and one
// narrow clear. 64 sectors with two waves at 250 Hz are about 530 segments a frame.
import type { WardStore, Wave } from "../live/store";
import { ecg_scale, erase_px, fitted, mm_per_s, opened, respiration_mm_per_s, span_ms, speed, x_of, type Scale } from "./sweep";

export interface WaveView {
  canvas: HTMLCanvasElement;
  device: string;
  code: string;
  colour: string;
}

interface State {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  ratio: number;
  wave: Wave | null;
  drawn_ms: number | null; // device time up to which samples are drawn
  last: number; // slot of the last sample drawn
  px_per_ms: number;
  scale: Scale | null;
  scaled_at: number;
}

const rescale_every_ms = 2_000;
const is_ecg = (code: string) => code.startsWith("ecg");
export const is_breath = (code: string) => code === "resp" || code === "co2";

export class Painter {
  private readonly views = new Map<WaveView, State>();
  private readonly sizes = new ResizeObserver((entries) => {
    for (const entry of entries)
      for (const [view, state] of this.views) if (view.canvas === entry.target) this.measure(view, state);
  });
  private frame = 0;

  constructor(private readonly store: WardStore) {}

  add(view: WaveView): () => void {
    const context = view.canvas.getContext("2d");
    if (!context) return () => undefined;
    const state: State = {
      context, width: 0, height: 0, ratio: 1, wave: null, drawn_ms: null, last: 0, scale: null, scaled_at: 0,
      px_per_ms: speed(is_breath(view.code) ? respiration_mm_per_s : mm_per_s),
    };
    this.views.set(view, state);
    this.measure(view, state);
    this.sizes.observe(view.canvas);
    if (this.views.size === 1) this.frame = requestAnimationFrame(this.paint);
    return () => {
      this.views.delete(view);
      this.sizes.unobserve(view.canvas);
      if (this.views.size === 0) cancelAnimationFrame(this.frame);
    };
  }

  private measure(view: WaveView, state: State) {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const { clientWidth, clientHeight } = view.canvas;
    if (clientWidth === state.width && clientHeight === state.height && ratio === state.ratio) return;
    view.canvas.width = Math.max(1, Math.round(clientWidth * ratio));
    view.canvas.height = Math.max(1, Math.round(clientHeight * ratio));
    Object.assign(state, { width: clientWidth, height: clientHeight, ratio, drawn_ms: null, scale: null });
    state.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  private readonly paint = () => {
    this.frame = requestAnimationFrame(this.paint);
    const now = Date.now();
    for (const [view, state] of this.views) if (state.width > 0 && state.height > 0) this.advance(view, state, now);
  };

  private advance(view: WaveView, state: State, now: number) {
    const wave = this.store.wave(view.device, view.code) ?? null;
    if (wave !== state.wave) Object.assign(state, { wave, drawn_ms: null, scale: null });
    const head = wave?.clock.time(now) ?? null;
    if (!wave || head === null) return;
    const span = span_ms(state.width, state.px_per_ms);
    const from = state.drawn_ms;
    if (from === null || head < from - 200 || head - from > span) {
      this.begin(state, wave, head, span);
    } else if (head < from) {
      return; // the clock's estimate moved a little: wait for it
    } else {
      this.clear(state, from, head);
    }
    this.fit(view, state, wave, now);
    this.draw(view, state, wave, head);
    state.drawn_ms = head;
  }

  // The whole canvas again: first sight, after a pause, after a jump of the device's clock.
  private begin(state: State, wave: Wave, head: number, span: number) {
    state.context.clearRect(0, 0, state.width, state.height);
    const oldest = head - span + erase_px / state.px_per_ms;
    state.last = Math.max(wave.ring.slot_at(oldest), wave.ring.slot_at(head) - 65_536);
  }

  private clear(state: State, from: number, to: number) {
    const ahead = erase_px / state.px_per_ms;
    for (const [left, right] of opened(from + ahead, to + ahead, state.width, state.px_per_ms))
      state.context.clearRect(Math.floor(left), 0, Math.ceil(right) - Math.floor(left) + 1, state.height);
  }

  private fit(view: WaveView, state: State, wave: Wave, now: number) {
    if (is_ecg(view.code)) {
      state.scale ??= ecg_scale(state.height);
      return;
    }
    if (state.scale && now - state.scaled_at < rescale_every_ms) return;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    const end = wave.ring.slot_at(wave.ring.newest_ms);
    for (let i = end - Math.ceil((is_breath(view.code) ? 15_000 : 5_000) / wave.ring.period_ms); i <= end; ++i) {
      const value = wave.ring.at(i);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low > high) return;
    state.scale = fitted(low, high, state.height);
    state.scaled_at = now;
  }

  private draw(view: WaveView, state: State, wave: Wave, head: number) {
    const { context, width, height, scale } = state;
    if (!scale) return;
    const { ring } = wave;
    const until = ring.slot_at(head);
    if (until <= state.last) return;
    const y_of = (value: number) => height / 2 - (value - scale.zero) * scale.px_per_unit;
    context.strokeStyle = view.colour;
    context.lineWidth = 1.6;
    context.lineJoin = "round";
    context.beginPath();
    let pen_x = Number.NaN; // NaN: the pen is up
    for (let i = state.last; i <= until; ++i) {
      const value = ring.at(i);
      if (Number.isNaN(value)) {
        pen_x = Number.NaN;
        continue;
      }
      const x = x_of(ring.time_of(i), width, state.px_per_ms);
      const true_y = y_of(value);
      if (true_y < 0 || true_y > height) state.scaled_at = 0; // outgrown: fitted again before the next stroke
      const y = Math.min(height - 1, Math.max(1, true_y));
      if (x >= pen_x) context.lineTo(x, y);
      else context.moveTo(x, y); // also when the pen is up: a comparison with NaN is false
      pen_x = x;
    }
    context.stroke();
    state.last = until;
  }
}
