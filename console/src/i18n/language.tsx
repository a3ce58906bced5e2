// The language in use: two typed dictionaries, dates and numbers of the locale. The choice is kept in the browser.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { en } from "./en";
import { zh } from "./zh";

export type Dictionary = typeof en;
export type Language = "en" | "zh";

const kept_as = "salus.language";
const locales: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

export interface Words {
  t: Dictionary;
  language: Language;
  set_language: (language: Language) => void;
  clock: (ms: number) => string; // 14:03:22
  minute: (ms: number) => string; // 14:03
  moment: (iso: string) => string; // with the date unless it is today
  age: (ms: number) => string;
  number: (value: number, decimals?: number) => string;
  bytes: (count: number) => string; // 18.4 MB
}

const Context = createContext<Words | null>(null);

export function use_words(): Words {
  const words = useContext(Context);
  if (!words) throw new Error("use_words needs a LanguageProvider above");
  return words;
}

export function age_text(t: Dictionary, ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return t.age_s(seconds);
  if (seconds < 7200) return t.age_min(Math.floor(seconds / 60));
  if (seconds < 172_800) return t.age_h(Math.floor(seconds / 3600));
  return t.age_d(Math.floor(seconds / 86_400));
}

const byte_units = ["B", "kB", "MB", "GB", "TB"];

function words_in(language: Language, set_language: (language: Language) => void): Words {
  const locale = locales[language];
  const t = language === "zh" ? zh : en;
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  const minute = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", hour12: false });
  const whole = new Intl.NumberFormat(locale);
  const formats = new Map<number, Intl.NumberFormat>();
  const number = (value: number, decimals?: number) => {
    if (decimals === undefined) return whole.format(value);
    let format = formats.get(decimals);
    if (!format) {
      format = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
      formats.set(decimals, format);
    }
    return format.format(value);
  };
  return {
    t,
    language,
    set_language,
    clock: (ms) => clock.format(ms),
    minute: (ms) => minute.format(ms),
    moment: (iso) => {
      const at = new Date(iso);
      if (Number.isNaN(at.getTime())) return iso;
      return at.toDateString() === new Date().toDateString() ? clock.format(at) : full.format(at);
    },
    age: (ms) => age_text(t, ms),
    number,
    bytes: (count) => {
      const power = count < 1000 ? 0 : Math.min(byte_units.length - 1, Math.floor(Math.log10(count) / 3));
      return `${number(count / 1000 ** power, power === 0 ? 0 : 1)} ${byte_units[power]}`;
    },
  };
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, set] = useState<Language>(() => {
    const kept = localStorage.getItem(kept_as);
    if (kept === "en" || kept === "zh") return kept;
    return navigator.language.startsWith("zh") ? "zh" : "en";
  });
  useEffect(() => {
    localStorage.setItem(kept_as, language);
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [language]);
  const words = useMemo(() => words_in(language, set), [language]);
  return <Context.Provider value={words}>{children}</Context.Provider>;
}
