// The trends of one bed outside React: which time is shown, the pictures of every line, and when to draw. React mounts canvases
// and is told when the view has come to rest; moving and zooming draw what is there at once and fetch once it rests.
//
// Bounds: a request for each line, all ended when the view moves on; a picture is at most `columns_max` columns.
import { ApiError } from "../api/client";
import type { Picture } from "../samples/decode";
import { fetch_picture, type Channel } from "../samples/fetch";
import { follows, held, length, panned, time_at, until_now, zoomed, type Span } from "../time/span";
import { draw_axis } from "./axis";
import { column_at, draw_lane, last_column, type Band, type Drawn, type Style } from "./draw";
import { joined_ms_max } from "./lanes";

export interface TraceView extends Channel {
  readout: HTMLElement;
  colour: string;
  bands: Band[];
}
export interface LaneView {
  canvas: HTMLCanvasElement;
  traces: TraceView[];
}
export type Loading = "loading" | "ready" | ApiError;
export interface Options {
  zone: string;
  now: () => number; // the server's clock
  text: (code: string, low: number, high: number, time: number, is_latest: boolean) => string; // of a readout
  shown: (code: string, value: number) => number;
  on_rest: (span: Span) => void; // the view stands still
  on_loading: (state: Loading) => void;
}
const key_of = ({ device, code }: Channel) => `${device} ${code}`;

const rest_ms = 120;
const follow_ms = 2_000; // how often the end is fetched while it is now
const margin = 0.25; // of the span, fetched on each side

export class TrendBoard {
  private readonly lanes = new Set<LaneView>();
  // By channel, not by lane: a lane that is mounted anew shows what it had.
  private readonly pictures = new Map<string, Picture | null>();
  private axis: HTMLCanvasElement | null = null;
  private others: readonly Span[] = [];
  private cursor_: number | null = null;
  private style: Style | null = null;
  private frame = 0;
  private rest_timer: ReturnType<typeof setTimeout> | undefined;
  private poll_timer: ReturnType<typeof setInterval> | undefined;
  private loads = new AbortController();
  private fetched_at = 0;
  private following: boolean; // the view ends now, and goes on doing so
  private readonly followers = new Set<(span: Span) => void>();
  private readonly sizes = new ResizeObserver(() => {
    this.draw_soon();
    this.rest_soon();
  });

  constructor(
    private span_: Span,
    private options: Options,
  ) {
    this.following = follows(span_, options.now());
    this.poll_timer = setInterval(() => this.follow(), follow_ms);
  }

  get span() {
    return this.span_;
  }
  get cursor() {
    return this.cursor_;
  }
  width = () => this.axis?.clientWidth || 600;

  use(options: Options) {
    this.options = options;
    this.restyle();
  }
  add(lane: LaneView): () => void {
    this.lanes.add(lane);
    if (lane.traces.some((one) => !this.pictures.has(key_of(one)))) this.rest_soon();
    this.draw_soon();
    return () => void this.lanes.delete(lane);
  }
  set_axis(axis: HTMLCanvasElement | null) {
    if (this.axis) this.sizes.unobserve(this.axis);
    this.axis = axis;
    if (axis) this.sizes.observe(axis);
  }
  set_others(others: readonly Span[]) {
    this.others = others;
    this.draw_soon();
  }
  restyle() {
    this.style = null;
    this.draw_soon();
  }
  // Told in each frame in which the view moved.
  watch(follower: (span: Span) => void): () => void {
    this.followers.add(follower);
    this.draw_soon();
    return () => void this.followers.delete(follower);
  }
  end() {
    clearTimeout(this.rest_timer);
    clearInterval(this.poll_timer);
    cancelAnimationFrame(this.frame);
    this.loads.abort();
    this.sizes.disconnect();
  }

  show(span: Span) {
    this.span_ = held(span, this.options.now());
    this.following = follows(this.span_, this.options.now());
    this.loads.abort(); // what was asked for is not in sight any more
    this.draw_soon();
    this.rest_soon();
  }
  zoom(factor: number, at?: number) {
    const now = this.options.now();
    // A view that ends now goes on ending now; else it zooms around the cursor, or its middle.
    if (at === undefined && this.cursor_ === null && follows(this.span_, now)) this.show(until_now(length(zoomed(this.span_, factor, now)), now));
    else this.show(zoomed(this.span_, factor, at ?? this.cursor_ ?? (this.span_.from + this.span_.to) / 2));
  }
  pan = (share: number) => this.show(panned(this.span_, share * length(this.span_)));
  to_now = () => this.show(until_now(length(this.span_), this.options.now()));
  point(time: number | null) {
    this.cursor_ = time;
    this.draw_soon();
  }
  point_at_x = (x: number) => this.point(time_at(x, this.span_, this.width()));

  private follow() {
    const now = this.options.now();
    if (!this.following) return;
    this.span_ = until_now(length(this.span_), now);
    this.draw_soon();
    // A column less than this is not worth a question.
    if (now - this.fetched_at >= Math.min(30_000, length(this.span_) / this.width())) void this.load();
  }

  private rest_soon() {
    clearTimeout(this.rest_timer);
    this.rest_timer = setTimeout(() => {
      this.options.on_rest(this.span_);
      void this.load();
    }, rest_ms);
  }

  private async load() {
    this.loads.abort();
    const { signal } = (this.loads = new AbortController());
    this.fetched_at = this.options.now();
    const { from, to } = this.span_;
    const wanted = { from: from - margin * (to - from), to: to + margin * (to - from) };
    const columns = this.width() * (1 + 2 * margin);
    this.options.on_loading("loading");
    const all = [...this.lanes].flatMap((lane) => lane.traces);
    const present = new Set(all.map(key_of));
    for (const key of this.pictures.keys()) if (!present.has(key)) this.pictures.delete(key);
    const done = await Promise.allSettled(
      all.map(async (trace) => {
        const picture = await fetch_picture(trace, wanted, columns, signal);
        if (signal.aborted) return;
        this.pictures.set(key_of(trace), picture);
        this.draw_soon();
      }),
    );
    if (signal.aborted) return;
    const failed = done.find((one): one is PromiseRejectedResult => one.status === "rejected");
    this.options.on_loading(failed ? (failed.reason instanceof ApiError ? failed.reason : new ApiError(0, "", String(failed.reason))) : "ready");
  }

  private draw_soon() {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw() {
    if (!this.axis) return;
    const look = getComputedStyle(this.axis);
    const colour = (name: string) => look.getPropertyValue(name).trim();
    this.style ??= { text: colour("--text-2"), line: colour("--line"), ground: colour("--card") };
    const now = this.options.now();
    for (const lane of this.lanes) {
      const drawn = lane.traces.map((one): Drawn => ({
        colour: colour(one.colour), picture: this.pictures.get(key_of(one)) ?? null, joined_ms: joined_ms_max(one.code), shown: (value) => this.options.shown(one.code, value), bands: one.bands,
      }));
      draw_lane(lane.canvas, drawn, this.span_, this.others, this.cursor_, now, this.style);
      for (const one of lane.traces) this.say(one);
    }
    draw_axis(this.axis, this.span_, this.options.zone, this.cursor_, now, this.style);
    for (const follower of this.followers) follower(this.span_);
  }

  // The number beside the name: at the cursor, else the last one in sight.
  private say({ device, code, readout }: TraceView) {
    const picture = this.pictures.get(key_of({ device, code }));
    const at = !picture ? -1 : this.cursor_ === null ? last_column(picture, this.span_) : column_at(picture, this.cursor_, joined_ms_max(code));
    const text =
      !picture || at < 0
        ? "---"
        : this.options.text(code, picture.low[at] ?? 0, picture.high[at] ?? 0, picture.start_ms + (picture.index[at] ?? 0) * picture.step_ms, this.cursor_ === null);
    if (readout.textContent !== text) readout.textContent = text;
  }
}
