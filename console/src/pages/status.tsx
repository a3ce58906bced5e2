// How the server is: everything that /api/status says, as it says it.
import { Descriptions } from "antd";
import { use_call } from "../api/use_call";
import { use_words } from "../i18n/language";
import { Sights } from "../shell/sights";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

// Leaves by their path: {"a": {"b": 1}} is ("a · b", 1).
export function leaves(value: Json, path = ""): [string, null | boolean | number | string][] {
  if (value === null || typeof value !== "object") return [[path, value]];
  const named = (entry: Json, key: number) =>
    entry !== null && typeof entry === "object" && !Array.isArray(entry) && typeof entry["name"] === "string" ? entry["name"] : String(key);
  const entries = Array.isArray(value) ? value.map((entry, key) => [named(entry, key), entry] as const) : Object.entries(value);
  return entries.flatMap(([key, entry]) => leaves(entry, path ? `${path} · ${key}` : key));
}

export default function StatusPage() {
  const { t, number } = use_words();
  const loaded = use_call<{ [key: string]: Json }>("/api/status", 2_000);
  const text = (value: null | boolean | number | string) =>
    value === null ? t.none : typeof value === "boolean" ? (value ? t.yes : t.no) : typeof value === "number" ? number(value) : value;
  return (
    <div className="page">
      <div className="page-head"><h2>{t.status}</h2></div>
      <Sights from={loaded}>
        {(status) => (
          <Descriptions bordered size="small" column={{ xs: 1, lg: 2 }} items={leaves(status).map(([label, value]) => ({ key: label, label, children: text(value) }))} />
        )}
      </Sights>
      <p className="purpose">{t.purpose}</p>
    </div>
  );
}
