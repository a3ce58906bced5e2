// A page's data: loading, failed and loaded are told apart, and what was loaded stays while it is fetched again.
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, get } from "./client";

export interface Loaded<T> {
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
}

// Fetches `path` now, whenever it changes and every `every_ms` (0: only once). A null path fetches nothing. `fetch_it` is one function for ever.
export function use_call<T>(path: string | null, every_ms = 0, fetch_it: (path: string) => Promise<T> = get): Loaded<T> {
  const [data, set_data] = useState<{ path: string; value: T } | null>(null);
  const [error, set_error] = useState<ApiError | null>(null);
  const [loading, set_loading] = useState(path !== null);
  const turn = useRef(0);

  const load = useCallback(() => {
    if (path === null) return;
    const mine = ++turn.current; // an answer that was overtaken is dropped
    set_loading(true);
    fetch_it(path).then(
      (value) => {
        if (mine !== turn.current) return;
        set_data({ path, value });
        set_error(null);
        set_loading(false);
      },
      (reason: unknown) => {
        if (mine !== turn.current) return;
        set_error(reason instanceof ApiError ? reason : new ApiError(0, "", String(reason)));
        set_loading(false);
      },
    );
  }, [path, fetch_it]);

  useEffect(() => {
    load();
    if (every_ms <= 0) return () => void ++turn.current;
    const timer = setInterval(load, every_ms);
    return () => {
      clearInterval(timer);
      ++turn.current;
    };
  }, [load, every_ms]);

  return { data: data?.value ?? null, error, loading, reload: load };
}
