// Which limits of a device are off, by whom and since when: the crossed bell of a sector.
import { createContext, useContext, type ReactNode } from "react";
import { use_codes } from "../api/codes";
import type { Limit, Limits } from "../api/types";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { CrossedBell } from "../sound/bell";

const refresh_ms = 10_000;
const Context = createContext<Limits | null>(null);
export const use_limits = () => useContext(Context);

export function LimitsProvider({ children }: { children: ReactNode }) {
  const { data } = use_call<Limits>("/api/limits", refresh_ms);
  return <Context.Provider value={data}>{children}</Context.Provider>;
}

// The device's own rows replace the default ones of the same vital and priority.
export function in_force(limits: Limits, device: string): Limit[] {
  const own = limits.devices[device] ?? [];
  const key = (limit: Limit) => `${limit.code} ${limit.priority}`;
  const replaced = new Set(own.map(key));
  return [...limits.default.filter((limit) => !replaced.has(key(limit))), ...own];
}

export function use_limit_off_text(): (limit: Limit) => string {
  const { t, moment } = use_words();
  const codes = use_codes();
  return (limit) =>
    t.limit_is_off(
      `${codes.name(limit.code)} (${{ high: t.priority_high, medium: t.priority_medium, low: t.priority_low }[limit.priority]})`,
      limit.by || "–",
      limit.set ? moment(limit.set) : "–",
      limit.reason,
    );
}

// `words`: say it, instead of only showing the bell with how many there are.
export function LimitsOff({ device, words }: { device: string; words?: boolean }) {
  const limits = use_limits();
  const text = use_limit_off_text();
  const off = limits ? in_force(limits, device).filter((limit) => !limit.enabled) : [];
  if (off.length === 0) return null;
  if (words) return <ul className="limits-off">{off.map((one) => <li key={`${one.code} ${one.priority}`}><CrossedBell /> {text(one)}</li>)}</ul>;
  const all = off.map(text).join("\n");
  return <span className="limits-off" title={all} aria-label={all} data-off={off.length}><CrossedBell />{off.length}</span>;
}
