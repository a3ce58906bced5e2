// Lines of one wave outside React: fetches a picture for each line, draws all, ends what is asked for when the page turns.
//
// Bounds: a request for each line in sight; pictures of the last `kept_max` lines are kept.
import { ApiError } from "../api/client";
import type { Picture } from "../samples/decode";
import { fetch_picture, type Channel } from "../samples/fetch";
import { date_text, is_repeated, offset_text, second_text } from "../time/zone";
import { hatch, surface_of } from "../trends/draw";
import type { Span } from "../time/span";
import { end_of, gutter_px, pieces, row_span, x_in_row, type Layout } from "./rows";

export interface Event {
  from: number;
  to: number;
  symbol: string;
  colour: string; // a variable of the style
}
export interface Shown {
  channel: Channel;
  layout: Layout;
  is_ecg: boolean;
  colour: string; // a variable of the style
  zone: string;
  chosen: Span;
  events: readonly Event[];
  others: readonly Span[];
}
interface Kept {
  picture: Picture | null;
  is_whole: boolean; // nothing more will come for it
}

const kept_max = 200;
const poll_ms = 5_000;
const settle_ms = 60_000; // a line is asked for again until it ended this long ago
const ecg_mv = 2.6; // that a line is high

export class RowsBoard {
  private readonly kept = new Map<string, Kept>();
  private loads = new AbortController();
  private frame = 0;
  private shown: Shown | null = null;
  private readonly poll = setInterval(() => this.load(), poll_ms);

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly now: () => number,
    private readonly on_loading: (state: "loading" | "ready" | ApiError) => void,
  ) {}

  end() {
    clearInterval(this.poll);
    cancelAnimationFrame(this.frame);
    this.loads.abort();
  }
  show(shown: Shown) {
    const before = this.shown;
    this.shown = shown;
    this.draw_soon();
    const is_same = before && before.channel.code === shown.channel.code && before.channel.device === shown.channel.device && JSON.stringify(before.layout) === JSON.stringify(shown.layout);
    if (is_same) return;
    this.loads.abort(); // of the page that was turned
    this.loads = new AbortController();
    this.load();
  }
  private key = ({ channel, layout }: Shown, row: number) => `${channel.device} ${channel.code} ${row_span(layout, row).from} ${layout.row_ms} ${layout.width}`;

  private load() {
    const { shown } = this;
    if (!shown || shown.layout.width <= gutter_px) return;
    const { signal } = this.loads;
    const now = this.now();
    const rows = Array.from({ length: shown.layout.rows }, (_, row) => row).filter((row) => row_span(shown.layout, row).from < now && !this.kept.get(this.key(shown, row))?.is_whole);
    if (rows.length === 0) {
      this.on_loading("ready");
      return;
    }
    this.on_loading("loading");
    const one = async (row: number) => {
      const span = row_span(shown.layout, row);
      const picture = await fetch_picture(shown.channel, span, shown.layout.width - gutter_px, signal);
      if (signal.aborted) return;
      this.kept.set(this.key(shown, row), { picture, is_whole: span.to < now - settle_ms });
      for (const oldest of this.kept.keys()) if (this.kept.size > kept_max) this.kept.delete(oldest);
      this.draw_soon();
    };
    Promise.all(rows.map(one)).then(
      () => signal.aborted || this.on_loading("ready"),
      (reason: unknown) => signal.aborted || this.on_loading(reason instanceof ApiError ? reason : new ApiError(0, "", String(reason))),
    );
  }

  draw_soon() {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.shown) this.draw(this.shown);
    });
  }

  // One scale for the page, so that lines can be compared.
  private scale({ layout, is_ecg }: Shown, pictures: readonly (Picture | null)[]): { zero: number; px: number } | null {
    const middles: number[] = [];
    const lows: number[] = [];
    const highs: number[] = [];
    for (const picture of pictures)
      for (let i = 0; picture && i < picture.low.length; i += 7) {
        const [low, high] = [picture.low[i] ?? 0, picture.high[i] ?? 0];
        middles.push((low + high) / 2);
        lows.push(low);
        highs.push(high);
      }
    if (middles.length === 0) return null;
    const share = (all: number[], part: number) => all.sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * part))] ?? 0;
    if (is_ecg) return { zero: share(middles, 0.5) + 0.25, px: layout.row_px / ecg_mv };
    const [low, high] = [share(lows, 0.02), share(highs, 0.98)];
    return { zero: (low + high) / 2, px: (0.85 * layout.row_px) / Math.max(high - low, 1e-6) };
  }

  private draw(shown: Shown) {
    const surface = surface_of(this.canvas);
    if (!surface) return;
    const { context, width } = surface;
    const { layout, zone } = shown;
    const style = getComputedStyle(this.canvas);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const text = colour("--text-2");
    const line = colour("--line");
    const pictures = Array.from({ length: layout.rows }, (_, row) => this.kept.get(this.key(shown, row))?.picture ?? null);
    const scale = this.scale(shown, pictures);
    for (const { row, left, right } of pieces(shown.chosen.from, shown.chosen.to, layout)) {
      context.fillStyle = colour("--accent");
      context.globalAlpha = 0.25;
      context.fillRect(left, row * layout.row_px, Math.max(2, right - left), layout.row_px);
      context.globalAlpha = 1;
    }
    let day = "";
    for (let row = 0; row < layout.rows; ++row) {
      const { from, to } = row_span(layout, row);
      const top = row * layout.row_px;
      context.save();
      context.translate(0, top);
      const parts = shown.others.map((one) => ({ from: Math.max(from, one.from), to: Math.min(to, one.to) })).filter((one) => one.from < one.to);
      if (parts.length > 0) {
        context.translate(gutter_px, 0);
        hatch({ context, width: width - gutter_px, height: layout.row_px }, parts, { from, to }, { text, line, ground: "" });
        context.translate(-gutter_px, 0);
      }
      context.fillStyle = line;
      context.fillRect(gutter_px, layout.row_px - 1, width, 1);
      context.fillStyle = text;
      context.textBaseline = "top";
      context.font = "600 12px system-ui, sans-serif";
      context.fillText(second_text(from, zone), 0, 6);
      context.font = "10px system-ui, sans-serif";
      const date = date_text(from, zone);
      if (is_repeated(from, zone)) context.fillText(offset_text(from, zone), 0, 21);
      else if (date !== day) context.fillText(date, 0, 21);
      day = date;
      const picture = pictures[row];
      context.strokeStyle = colour(shown.colour);
      if (picture && scale) this.draw_row(context, picture, from, layout, scale);
      context.restore();
    }
    for (const event of shown.events)
      for (const { row, left, right } of pieces(event.from, event.to, layout)) {
        const bottom = (row + 1) * layout.row_px;
        context.fillStyle = colour(event.colour);
        context.fillRect(left, bottom - 4, Math.max(3, right - left), 4);
        if (event.from < row_span(layout, row).from) continue;
        context.fillStyle = colour("--text");
        context.font = "700 11px system-ui, sans-serif";
        context.textBaseline = "bottom";
        context.fillText(event.symbol, left, bottom - 4);
      }
    const now = this.now();
    if (now < end_of(layout)) for (const { row, left } of pieces(now, now, layout)) context.fillRect(left, row * layout.row_px, 1, layout.row_px);
  }

  private draw_row(context: CanvasRenderingContext2D, picture: Picture, from: number, layout: Layout, { zero, px }: { zero: number; px: number }) {
    const y_of = (value: number) => Math.max(0, Math.min(layout.row_px, layout.row_px / 2 - (value - zero) * px));
    context.lineWidth = 1;
    context.beginPath();
    let before = -10;
    for (let i = 0; i < picture.index.length; ++i) {
      const index = picture.index[i] ?? 0;
      const time = picture.start_ms + (index + 0.5) * picture.step_ms;
      if (time < from || time > from + layout.row_ms) continue;
      const x = x_in_row(time, from, layout);
      const [low, high] = [y_of(picture.low[i] ?? 0), y_of(picture.high[i] ?? 0)];
      if (index - before > 2) context.moveTo(x, high);
      else context.lineTo(x, high);
      context.lineTo(x, Math.max(low, high + 0.7));
      before = index;
    }
    context.stroke();
  }
}
