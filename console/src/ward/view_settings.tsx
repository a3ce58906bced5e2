// How this screen shows the ward: how dense, how dark, with how much of a name. Kept in the browser, not on the server: it
// belongs to the screen on the wall, not to who is signed in.
import { createContext, useContext, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import type { Units } from "../api/units";
import type { Names } from "./mask";
import type { Density } from "./plan";

export interface View extends Units {
  density: Density;
  names: Names;
  record_names: Names; // on the pages of the record, where one looks for a person by name
  night: boolean;
}
const kept_as = "salus.view";
const usual: View = { density: "auto", names: "masked", record_names: "full", night: false, pressure: "mmHg", temperature: "C" };

function kept(): View {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(kept_as) ?? "{}") as Partial<View>) };
  } catch {
    return usual;
  }
}

const Context = createContext<{ view: View; set_view: (change: Partial<View>) => void }>({ view: usual, set_view: () => undefined });
export const use_view = () => useContext(Context);

export function ViewProvider({ children }: { children: ReactNode }) {
  const [view, set] = useState(kept);
  // Before the waves' own effects, which read their colours from the root.
  useLayoutEffect(() => {
    localStorage.setItem(kept_as, JSON.stringify(view));
    document.documentElement.dataset["night"] = view.night ? "yes" : "no";
  }, [view]);
  const value = useMemo(() => ({ view, set_view: (change: Partial<View>) => set((now) => ({ ...now, ...change })) }), [view]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}
