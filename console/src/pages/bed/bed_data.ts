// What the pages of a bed share: its devices, what they have stored, whose it was when.
import { useEffect, useMemo, useState } from "react";
import { ApiError, get, query } from "../../api/client";
import type { Binding, EffectiveLimits, Page, Patient, ScopedLimit, SeriesRow } from "../../api/types";
import { use_call } from "../../api/use_call";
import { use_words } from "../../i18n/language";
import { use_devices, use_store } from "../../live/ward_feed";
import type { Span } from "../../time/span";

const refresh_ms = 60_000;
const limits_refresh_ms = 10_000;

// Devices at the same bed, this one first; itself alone while it stands at none.
export function use_bed_devices(device: string): readonly string[] {
  const store = use_store();
  const all = use_devices();
  const own = store.sector(device)?.sector;
  const others = all.filter((one) => {
    const sector = store.sector(one)?.sector;
    return one !== device && own?.bed && sector?.bed === own.bed && sector.ward === own.ward;
  });
  const key = JSON.stringify([device, ...others]);
  return useMemo(() => JSON.parse(key) as string[], [key]);
}

export interface Stored {
  rows: readonly SeriesRow[] | null; // null while loading
  error: ApiError | null;
  reload: () => void;
}

// What all of them have stored: read again every minute, so that a new signal gets its lane.
export function use_stored(devices: readonly string[]): Stored {
  const [rows, set_rows] = useState<readonly SeriesRow[] | null>(null);
  const [error, set_error] = useState<ApiError | null>(null);
  const [turn, set_turn] = useState(0);
  useEffect(() => {
    let wanted = true;
    const load = () =>
      Promise.all(devices.map((device) => get<Page<SeriesRow>>(`/api/series${query({ device })}`))).then(
        (pages) => {
          if (!wanted) return;
          set_rows(pages.flatMap((page) => page.items));
          set_error(null);
        },
        (reason: unknown) => wanted && set_error(reason instanceof ApiError ? reason : new ApiError(0, "", String(reason))),
      );
    void load();
    const timer = setInterval(() => void load(), refresh_ms);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [devices, turn]);
  return { rows, error, reload: () => set_turn((n) => n + 1) };
}

// The limits in force at each device; of one that has not answered yet, none.
export function use_limits(devices: readonly string[]): ReadonlyMap<string, readonly ScopedLimit[]> {
  const [limits, set_limits] = useState<ReadonlyMap<string, readonly ScopedLimit[]>>(new Map());
  useEffect(() => {
    let wanted = true;
    const load = () =>
      Promise.all(devices.map((device) => get<EffectiveLimits>(`/api/limits/effective${query({ device })}`))).then(
        (all) => wanted && set_limits(new Map(all.map((one) => [one.device, one.rows]))),
        () => undefined, // the table of limits below says what is wrong; the bands stay as they were
      );
    void load();
    const timer = setInterval(() => void load(), limits_refresh_ms);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [devices]);
  return limits;
}

export interface Bound {
  marks: readonly { at: number; text: string }[];
  others: readonly Span[]; // times that do not belong to who is bound now
}

// `current`: the patient of now. Without one nothing is said to be another's.
export function times_of_others(bindings: readonly Binding[], current: Patient | null): Span[] {
  const own = bindings
    .filter((one) => current !== null && one.patient?.id === current.id)
    .map((one) => ({ from: Date.parse(one.from), to: one.to === null ? Infinity : Date.parse(one.to) }))
    .sort((a, b) => a.from - b.from);
  if (own.length === 0) return [];
  const others: Span[] = [];
  let at = -Infinity;
  for (const { from, to } of own) {
    if (from > at) others.push({ from: at, to: from });
    at = Math.max(at, to);
  }
  if (at < Infinity) others.push({ from: at, to: Infinity });
  return others;
}

export function use_bound(device: string, current: Patient | null, name: (label: string) => string): Bound {
  const { t } = use_words();
  const { data } = use_call<Page<Binding>>(`/api/devices/${encodeURIComponent(device)}/bindings`, refresh_ms);
  const named = (data?.items ?? []).map((one) => ({ ...one, who: name(one.patient?.label || one.patient?.id || "") }));
  const key = JSON.stringify([named, current]);
  return useMemo(() => {
    const [bindings, patient] = JSON.parse(key) as [(Binding & { who: string })[], Patient | null];
    const marks = bindings.flatMap((one) => [
      { at: Date.parse(one.from), text: t.bound_to(one.who || t.nobody_bound, [one.ward, one.bed].filter(Boolean).join(" / ")) },
      ...(one.to === null ? [] : [{ at: Date.parse(one.to), text: t.binding_ended }]),
    ]);
    return { marks, others: times_of_others(bindings, patient) };
  }, [key, t]);
}
