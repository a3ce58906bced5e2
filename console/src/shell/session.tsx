// Who is signed in. The token lives in sessionStorage: a closed tab is signed out, a reload is not.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { on_signed_out, post, remove, use_token } from "../api/client";
import type { Role, Session } from "../api/types";

const kept_as = "salus.session";

export interface SessionState {
  session: Session | null;
  expired: boolean; // the server ended it
  sign_in: (user: string, password: string) => Promise<void>;
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
    const session = JSON.parse(sessionStorage.getItem(kept_as) ?? "null") as Session | null;
    if (!session || Date.parse(session.expires) <= Date.now()) return null;
    use_token(session.token);
    return session;
  } catch {
    return null;
  }
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, set_session] = useState<Session | null>(kept);
  const [expired, set_expired] = useState(false);

  const hold = useCallback((next: Session | null) => {
    use_token(next?.token ?? null);
    if (next) sessionStorage.setItem(kept_as, JSON.stringify(next));
    else sessionStorage.removeItem(kept_as);
    set_session(next);
  }, []);

  useEffect(() => {
    on_signed_out(() => {
      hold(null);
      set_expired(true);
    });
  }, [hold]);

  const state = useMemo<SessionState>(
    () => ({
      session,
      expired,
      sign_in: async (user, password) => {
        hold(await post<Session>("/api/sessions", { user, password }));
        set_expired(false);
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
