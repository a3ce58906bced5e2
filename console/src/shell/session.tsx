// Who is signed in. A person's token lives in sessionStorage: a closed tab is signed out, a reload is not. A station's lives in
// localStorage: the screen is what it is until it is revoked.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { on_signed_out, post, remove, use_token } from "../api/client";
import type { Role, Session } from "../api/types";

const kept_as = "salus.session";
const station_kept_as = "salus.station";

export interface SessionState {
  session: Session | null;
  expired: "person" | "station" | null; // whose sign-in the server ended
  sign_in: (user: string, password: string) => Promise<void>;
  pair: (code: string) => Promise<void>; // this screen becomes a station
  sign_out: () => void;
  may: (...roles: Role[]) => boolean;
}

const Context = createContext<SessionState | null>(null);

export function use_session(): SessionState {
  const state = useContext(Context);
  if (!state) throw new Error("use_session needs a SessionProvider above");
  return state;
}

function kept(): Session | null {
  try {
    const text = localStorage.getItem(station_kept_as) ?? sessionStorage.getItem(kept_as);
    const session = JSON.parse(text ?? "null") as Session | null;
    if (!session || (session.expires !== null && Date.parse(session.expires) <= Date.now())) return null;
    use_token(session.token);
    return session;
  } catch {
    return null;
  }
}

// What a station offers: all that somebody with a PIN may do there. The server asks for the PIN, and whether they may.
const as_station = (paired: Pick<Session, "token" | "station">): Session => ({
  ...paired,
  expires: null,
  user: paired.station?.id ?? "",
  display_name: paired.station?.name ?? "",
  roles: ["clinician"],
});

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, set_session] = useState<Session | null>(kept);
  const [expired, set_expired] = useState<SessionState["expired"]>(null);

  const hold = useCallback((next: Session | null) => {
    use_token(next?.token ?? null);
    sessionStorage.removeItem(kept_as);
    localStorage.removeItem(station_kept_as);
    if (next?.station) localStorage.setItem(station_kept_as, JSON.stringify(next));
    else if (next) sessionStorage.setItem(kept_as, JSON.stringify(next));
    set_session(next);
  }, []);

  useEffect(() => {
    on_signed_out(() => {
      set_expired(session?.station ? "station" : "person");
      hold(null);
    });
  }, [hold, session]);

  const state = useMemo<SessionState>(
    () => ({
      session,
      expired,
      sign_in: async (user, password) => {
        hold(await post<Session>("/api/sessions", { user, password }));
        set_expired(null);
      },
      pair: async (code) => {
        hold(as_station(await post<Session>("/api/stations/pair", { code })));
        set_expired(null);
      },
      sign_out: () => {
        // Best effort: signed out here whatever the server says; the token ends by itself.
        remove("/api/sessions/current").catch(() => undefined);
        hold(null);
      },
      may: (...roles) => session?.roles.some((role) => roles.includes(role)) ?? false,
    }),
    [session, expired, hold],
  );
  return <Context.Provider value={state}>{children}</Context.Provider>;
}
