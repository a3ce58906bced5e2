// The versions of a resource, newest first, as its history tells them.
import type { Bundle } from "./types";

export interface Version {
  id: string;
  at: string; // when it was saved
  is_made: boolean;
  is_deleted: boolean;
}

export const versions_of = (bundle: Bundle): Version[] =>
  (bundle.entry ?? []).flatMap((entry) => {
    const id = entry.resource?.meta?.versionId ?? /"(.*)"/.exec(entry.response?.etag ?? "")?.[1];
    const at = entry.response?.lastModified ?? entry.resource?.meta?.lastUpdated ?? "";
    return id === undefined ? [] : [{ id, at, is_made: entry.request?.method === "POST" || (entry.response?.status?.startsWith("201") ?? false), is_deleted: entry.request?.method === "DELETE" }];
  });

// The one that held at `ms`; null before there was any.
export const version_at = (newest_first: readonly Version[], ms: number): Version | null => newest_first.find((one) => Date.parse(one.at) <= ms) ?? null;
