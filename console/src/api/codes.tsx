// The server's table of what can be measured: names in both languages, units, decimals. Loaded once after sign-in.
import { createContext, useContext, useMemo, type ReactNode } from "react";
import { use_words } from "../i18n/language";
import { use_view } from "../ward/view_settings";
import type { Code } from "./types";
import { seen_in, unit_text } from "./units";
import { use_call } from "./use_call";

export interface Codes {
  all: readonly Code[];
  name: (alias: string) => string;
  unit: (alias: string) => string; // of what is stored
  text: (alias: string, value: number) => string; // the value with the code's decimals, without unit
  // In the unit that this screen has chosen (units.ts). Never for what is typed or sent.
  seen: { unit: (alias: string) => string; text: (alias: string, value: number) => string; number: (alias: string, value: number) => number };
  is_wave: (alias: string) => boolean;
}

export { unit_text };

// What a bedside monitor shows; the stored precision is finer than anybody reads.
const shown_decimals: Record<string, number> = { temp: 1, temp_body: 1, temp_core: 1, temp_rect: 1, temp_tymp: 1 };
const is_whole = (alias: string) => /^(hr|pulse|spo2|rr|nibp|art|abp|cvp|pa|icp|etco2$|news2)/.test(alias);

const Context = createContext<Codes | null>(null);

export function CodesProvider({ children }: { children: ReactNode }) {
  const { language, number } = use_words();
  const { pressure, temperature } = use_view().view;
  const { data } = use_call<Code[] | { items: Code[] }>("/api/codes");
  const codes = useMemo<Codes>(() => {
    const all = Array.isArray(data) ? data : (data?.items ?? []);
    const by_alias = new Map(all.map((code) => [code.alias, code]));
    const decimals = (alias: string) => shown_decimals[alias] ?? (is_whole(alias) ? 0 : (by_alias.get(alias)?.decimals ?? 1));
    const seen = (alias: string) => seen_in(by_alias.get(alias)?.unit ?? "", { pressure, temperature });
    return {
      all,
      name: (alias) => by_alias.get(alias)?.name[language] ?? alias,
      unit: (alias) => unit_text(by_alias.get(alias)?.unit ?? ""),
      text: (alias, value) => number(value, decimals(alias)),
      seen: {
        unit: (alias) => seen(alias).unit,
        text: (alias, value) => number(seen(alias).of(value), seen(alias).decimals ?? decimals(alias)),
        number: (alias, value) => seen(alias).of(value),
      },
      is_wave: (alias) => by_alias.get(alias)?.kind === "wave",
    };
  }, [data, language, number, pressure, temperature]);
  return <Context.Provider value={codes}>{children}</Context.Provider>;
}

export function use_codes(): Codes {
  const codes = useContext(Context);
  if (!codes) throw new Error("use_codes needs a CodesProvider above");
  return codes;
}
