// The feed and its store for everything below, and hooks that each watch one key of it.
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { get } from "../api/client";
import { use_session } from "../shell/session";
import { Feed } from "./feed";
import { WardStore, type SectorState } from "./store";

const Context = createContext<WardStore | null>(null);

// Frames stop in a hidden tab, and what is told must not: a timer stands behind.
function next_frame(then: () => void) {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    then();
  };
  requestAnimationFrame(once);
  setTimeout(once, 250);
}

export function FeedProvider({ children }: { children: ReactNode }) {
  const { session } = use_session();
  const [store] = useState(() => new WardStore(next_frame));
  const token = session?.token;
  useEffect(() => {
    if (!token) return;
    // A 401 to this question signs out; anything else is the feed's own trouble.
    const feed = new Feed(store, token, () => void get("/api/sessions/current").catch(() => undefined));
    return () => feed.end();
  }, [store, token]);
  return <Context.Provider value={store}>{children}</Context.Provider>;
}

export function use_store(): WardStore {
  const store = useContext(Context);
  if (!store) throw new Error("use_store needs a FeedProvider above");
  return store;
}

export function use_watch<T>(key: string, read: (store: WardStore) => T): T {
  const store = use_store();
  const subscribe = useCallback((listener: () => void) => store.subscribe(key, listener), [store, key]);
  return useSyncExternalStore(subscribe, () => read(store));
}

export const use_link = () => use_watch("link", (store) => store.link());
export const use_devices = () => use_watch("sectors", (store) => store.devices());
export const use_alarms = () => use_watch("alarms", (store) => store.active_alarms());
export const use_sector = (device: string): SectorState | undefined =>
  use_watch(`sector:${device}`, (store) => store.sector(device));

// Our clock, told every `every_ms`: ages grow by it.
// `phase_ms` puts it off, so that sixty-four sectors do not all redraw in one frame.
export function use_now(every_ms = 1_000, phase_ms = 0): number {
  const [now, set_now] = useState(Date.now);
  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const start = setTimeout(() => (timer = setInterval(() => set_now(Date.now()), every_ms)), phase_ms);
    return () => {
      clearTimeout(start);
      clearInterval(timer);
    };
  }, [every_ms, phase_ms]);
  return now;
}
