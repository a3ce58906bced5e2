// The record over FHIR: search with pages, read, versions, write with the version that was seen.
import { call_record } from "../api/client";
import { use_call, type Loaded } from "../api/use_call";
import type { Bundle, Resource } from "./types";

export interface Found<T extends Resource> {
  items: T[];
  next: string | null; // the path of the next page
  total: number | null; // null: not counted
}

// A link of the server, on the address under which we know it.
function path_of(url: string): string {
  const at = new URL(url, "http://any.where");
  return at.pathname + at.search;
}

export function found_in<T extends Resource>(bundle: Bundle<T>): Found<T> {
  const next = bundle.link?.find((one) => one.relation === "next");
  const items = (bundle.entry ?? []).flatMap((one) => (one.resource && one.search?.mode !== "outcome" ? [one.resource] : []));
  return { items, next: next ? path_of(next.url) : null, total: bundle.total ?? null };
}

export const fhir_path = (type: string, parameters: readonly (readonly [string, string | number])[]) =>
  `/fhir/${type}?${parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&")}`;
export const of_patient = (id: string) => ["patient", `Patient/${id}`] as const;
export const resource_path = (type: string, id: string) => `/fhir/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;

export const find_at = <T extends Resource>(path: string): Promise<Found<T>> => call_record<Bundle<T>>("GET", path).then(found_in);
export const read_at = <T extends Resource>(path: string): Promise<T> => call_record<T>("GET", path);
export const history_of = (type: string, id: string) => call_record<Bundle>("GET", `${resource_path(type, id)}/_history?_count=100`);

export const create = <T extends Resource>(resource: T): Promise<T> =>
  call_record<T>("POST", `/fhir/${resource.resourceType}`, resource, { "Content-Type": "application/fhir+json", Prefer: "return=representation" });
// Replaces `seen`, the version that `resource` was made from; 412 when it is no longer the newest.
export const replace = <T extends Resource>(resource: T, seen: string): Promise<T> =>
  call_record<T>("PUT", resource_path(resource.resourceType, resource.id ?? ""), resource, { "Content-Type": "application/fhir+json", "If-Match": `W/"${seen}"`, Prefer: "return=representation" });

export const use_found = <T extends Resource>(path: string | null, every_ms = 0): Loaded<Found<T>> => use_call<Found<T>>(path, every_ms, find_at as (path: string) => Promise<Found<T>>);
export const use_read = <T extends Resource>(path: string | null, every_ms = 0): Loaded<T> => use_call<T>(path, every_ms, read_at as (path: string) => Promise<T>);
