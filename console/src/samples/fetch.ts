// Stored samples of one channel, in bytes. Nothing stored is an answer, not a failure. `signal` ends what nobody waits for.
import { ApiError, get_bytes, query } from "../api/client";
import type { Span } from "../time/span";
import { decode_picture, decode_samples, samples_media_type, type Picture, type Samples } from "./decode";

export interface Channel {
  device: string;
  code: string;
}
export const columns_max = 10_000;

const place = ({ device, code }: Channel, what: string) => `/api/series/${encodeURIComponent(device)}/${encodeURIComponent(code)}/${what}`;
const iso = (ms: number) => new Date(ms).toISOString();

async function or_null<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export const fetch_picture = (channel: Channel, span: Span, columns: number, signal: AbortSignal): Promise<Picture | null> =>
  or_null(
    get_bytes(
      place(channel, "picture") + query({ from: iso(Math.floor(span.from)), to: iso(Math.ceil(span.to)), columns: Math.min(columns_max, Math.max(1, Math.round(columns))) }),
      samples_media_type,
      signal,
    ).then(decode_picture),
  );

// Up to `limit` samples (100,000 at most); `next` says whether there are more.
export const fetch_samples = (channel: Channel, span: Span, limit: number, signal: AbortSignal): Promise<Samples | null> =>
  or_null(
    get_bytes(place(channel, "range") + query({ from: iso(Math.floor(span.from)), to: iso(Math.ceil(span.to)), limit }), samples_media_type, signal).then(decode_samples),
  );
