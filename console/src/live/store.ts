// What the ward knows, outside React. A component subscribes to one key ("sector:<device>", "alarms", "sectors", "link")
// and is told at most once an animation frame, a few sectors in each; waves are read by the painter and tell nobody.
//
// Lifetime: one for the page. Bounds: sectors and active alarms are the server's; ended alarms are dropped at once.
import type { Alarm, FeedMessage, Sector } from "../api/types";
import { in_order, is_newer } from "./alarm_order";
import { DrawClock } from "./delay";
import type { WaveFrame } from "./frame";
import { WaveRing } from "./ring";

export interface Reading {
  v: number;
  heard: number; // our clock, ms: ages are taken from arrival, which no device's clock can bend
  t: number; // device time, ms
  period_ms: number | null;
}

export interface SectorState {
  sector: Sector;
  readings: ReadonlyMap<string, Reading>;
  alarms: readonly Alarm[]; // active, in order
}

export interface Link {
  state: "connecting" | "live" | "silent";
  heard: number | null; // our clock, of the last message
  recording: boolean;
  reason: string | null;
  simulated: boolean;
  version: string;
  messages_per_s: number;
  late_ms: number;
  server_minus_us_ms: number;
}

export interface Wave {
  ring: WaveRing;
  clock: DrawClock;
}

// Sectors redrawn in one frame for their numbers alone: sixty-four at once would take several frames' time.
const sectors_per_frame = 6;
const wave_span_ms = 40_000; // a respiration sweep is the longest: 900 px at 6.25 mm/s

export class WardStore {
  private readonly sectors = new Map<string, SectorState>();
  private readonly alarms = new Map<string, Alarm>();
  private readonly waves = new Map<string, Map<string, Wave>>(); // device, code
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly dirty = new Set<string>();
  private order: readonly string[] = [];
  private alarm_list: readonly Alarm[] = [];
  private has_ward_ = false;
  private scheduled = false;
  private link_: Link = {
    state: "connecting",
    heard: null,
    recording: true,
    reason: null,
    simulated: false,
    version: "",
    messages_per_s: 0,
    late_ms: 0,
    server_minus_us_ms: 0,
  };

  // To the server; the feed sets it, and what is said while there is no link is lost.
  say: (message: object) => void = () => undefined;

  constructor(private readonly schedule: (then: () => void) => void) {}

  subscribe = (key: string, listener: () => void) => {
    const set = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, set.add(listener));
    return () => void set.delete(listener);
  };
  link = () => this.link_;
  devices = () => this.order;
  active_alarms = () => this.alarm_list;
  any_simulated = () => [...this.sectors.values()].some((state) => state.sector.simulated);
  has_ward = () => this.has_ward_;
  sector = (device: string): SectorState | undefined => this.sectors.get(device);
  wave = (device: string, code: string): Wave | undefined => this.waves.get(device)?.get(code);

  set_link(change: Partial<Link>) {
    this.link_ = { ...this.link_, ...change };
    this.touch("link");
  }

  hear_frame(frame: WaveFrame, now: number) {
    if (!this.sectors.has(frame.device)) return;
    let of_device = this.waves.get(frame.device);
    if (!of_device) this.waves.set(frame.device, (of_device = new Map<string, Wave>()));
    let wave = of_device.get(frame.code);
    if (!wave) {
      wave = { ring: new WaveRing(wave_span_ms, frame.period_ms), clock: new DrawClock() };
      of_device.set(frame.code, wave);
    }
    wave.ring.put(frame);
    wave.clock.heard(frame.first_ms + frame.values.length * frame.period_ms, now);
    const state = this.sectors.get(frame.device);
    if (state && !state.sector.waves.includes(frame.code))
      this.set_sector({ ...state, sector: { ...state.sector, waves: [...state.sector.waves, frame.code] } });
  }

  hear(message: FeedMessage, now: number) {
    switch (message.type) {
      case "welcome":
        this.set_link({
          recording: message.recording,
          reason: null,
          simulated: message.simulated,
          version: message.version,
          server_minus_us_ms: Date.parse(message.now) - now,
        });
        return;
      case "ward":
        this.replace(message.sectors, message.alarms, now);
        return;
      case "sector":
        this.put_sector(message.sector, now);
        return;
      case "sector_removed":
        this.drop_sector(message.device);
        return;
      case "numerics":
        this.put_numbers(message.device, message.values, message.t, now);
        return;
      case "news2": {
        const state = this.sectors.get(message.device);
        if (state) this.set_sector({ ...state, sector: { ...state.sector, news2: message } });
        return;
      }
      case "alarm":
        this.put_alarm(message.alarm);
        return;
      case "alarm_removed":
        this.drop_alarm(message.id);
        return;
      case "status":
        this.set_link({
          recording: message.recording,
          reason: message.reason,
          messages_per_s: message.messages_per_s,
          late_ms: message.late_ms,
          server_minus_us_ms: Date.parse(message.now) - now,
        });
        return;
      case "position":
        return;
    }
  }

  put_alarm(alarm: Alarm) {
    const known = this.alarms.get(alarm.id);
    if (!is_newer(alarm, known)) return;
    if (alarm.state === "ended") this.alarms.delete(alarm.id);
    else this.alarms.set(alarm.id, alarm);
    this.touch("alarms");
    this.touch(`alarms:${alarm.device}`);
  }

  private drop_alarm(id: string) {
    const known = this.alarms.get(id);
    if (!known) return;
    this.alarms.delete(id);
    this.touch("alarms");
    this.touch(`alarms:${known.device}`);
  }

  private replace(sectors: Sector[], alarms: Alarm[], now: number) {
    const present = new Set(sectors.map((one) => one.device));
    for (const device of [...this.sectors.keys()]) if (!present.has(device)) this.drop_sector(device);
    this.alarms.clear();
    for (const alarm of alarms) if (alarm.state !== "ended") this.alarms.set(alarm.id, alarm);
    this.has_ward_ = true;
    for (const sector of sectors) this.put_sector(sector, now);
    for (const device of present) this.touch(`alarms:${device}`);
    this.touch("alarms");
    this.touch("sectors");
  }

  private put_sector(sector: Sector, now: number) {
    const known = this.sectors.get(sector.device);
    // Another person at the device: nothing of the one before is theirs.
    const same = known?.sector.patient?.id === sector.patient?.id && (sector.patient !== null || known?.sector.bed === sector.bed);
    if (!same) this.waves.delete(sector.device);
    const readings = new Map(same ? known?.readings : undefined);
    for (const [code, { v, t }] of Object.entries(sector.values ?? {})) {
      const before = readings.get(code);
      if (before && before.t >= t) continue;
      // Not heard live: as old as its device time says against the server's clock.
      const age = Math.max(0, now + this.link_.server_minus_us_ms - t);
      readings.set(code, { v, t, heard: now - age, period_ms: before?.period_ms ?? null });
    }
    this.set_sector({ sector, readings, alarms: known?.alarms ?? [] });
    this.touch(`alarms:${sector.device}`);
    this.touch("sectors");
  }

  private put_numbers(device: string, values: Record<string, number>, t: number, now: number) {
    const state = this.sectors.get(device);
    if (!state) return;
    const readings = new Map(state.readings);
    for (const [code, v] of Object.entries(values)) {
      const before = readings.get(code);
      const period = before && t > before.t ? t - before.t : (before?.period_ms ?? null);
      readings.set(code, { v, t, heard: now, period_ms: period });
    }
    this.set_sector({ ...state, readings });
  }

  private drop_sector(device: string) {
    this.sectors.delete(device);
    this.waves.delete(device);
    this.touch(`sector:${device}`);
    this.touch("sectors");
  }

  private set_sector(state: SectorState) {
    this.sectors.set(state.sector.device, state);
    this.touch(`sector:${state.sector.device}`);
  }

  private touch(key: string) {
    this.dirty.add(key);
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(() => this.tell());
  }

  // What is told in this frame: all of it, but of sectors without a new alarm only some; the others in the next frames.
  private take_turn(): Set<string> {
    const keys = new Set<string>();
    let sectors = 0;
    for (const key of this.dirty) {
      if (key.startsWith("sector:") && ++sectors > sectors_per_frame) continue;
      keys.add(key);
    }
    for (const key of keys) this.dirty.delete(key);
    if (this.dirty.size > 0) {
      this.scheduled = true;
      this.schedule(() => this.tell());
    }
    return keys;
  }

  // Snapshots change only here, once a frame.
  private tell() {
    this.scheduled = false;
    const keys = this.take_turn();
    if (keys.has("sectors")) this.order = this.by_bed();
    if (keys.has("alarms")) this.alarm_list = in_order(this.alarms.values());
    for (const key of [...keys]) {
      if (!key.startsWith("alarms:")) continue;
      const device = key.slice("alarms:".length);
      const state = this.sectors.get(device);
      if (!state) continue;
      const alarms = in_order([...this.alarms.values()].filter((one) => one.device === device));
      this.sectors.set(device, { ...state, alarms });
      keys.add(`sector:${device}`);
    }
    for (const key of keys) for (const listener of this.listeners.get(key) ?? []) listener();
  }

  private by_bed(): string[] {
    const place = (state: SectorState) => `${state.sector.ward ?? "\uffff"}\u0000${state.sector.bed ?? "\uffff"}`;
    return [...this.sectors.values()]
      .sort((a, b) => place(a).localeCompare(place(b), undefined, { numeric: true }) || (a.sector.device < b.sector.device ? -1 : 1))
      .map((state) => state.sector.device);
  }
}
