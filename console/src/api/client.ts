// Calls to the server. A refusal becomes an ApiError with the server's own sentence; every call ends within 20 s.
import { parse_keeping, write_keeping } from "../record/decimal";
import type { Problem } from "./types";

const call_ms_max = 20_000;

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the server was not reached
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

let bearer: string | null = null;
let refused: () => void = () => undefined;

export function use_token(token: string | null) {
  bearer = token;
}
// Called when the server no longer knows the token.
export function on_signed_out(then: () => void) {
  refused = then;
}

// At a station a person says who they are before anything is changed; where nobody has to, there is nobody to ask.
export interface Person {
  person: string;
  pin: string;
}
interface People {
  ask: (refusal: ApiError | null) => Promise<Person | null>; // null: they would rather not
  accepted: (person: string) => void;
}
let people: People | null = null;
export function use_people(next: People | null) {
  people = next;
}

const codes: Record<number, string> = { 400: "invalid", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 410: "not_found", 412: "conflict", 413: "too_large", 429: "rate_limited" };

async function problem_of(answer: Response): Promise<ApiError> {
  try {
    const problem = (await answer.json()) as Partial<Problem> & { issue?: { diagnostics?: string }[] };
    // The record's door speaks FHIR: an OperationOutcome.
    const issues = problem.issue?.map((one) => one.diagnostics).filter(Boolean).join(" ");
    return new ApiError(answer.status, problem.code ?? codes[answer.status] ?? "", issues || (problem.detail ?? problem.title ?? answer.statusText));
  } catch {
    return new ApiError(answer.status, "", answer.statusText || `HTTP ${answer.status}`);
  }
}

async function ask(method: string, path: string, accept: string, body: unknown, signal: AbortSignal, person?: Person, more: Record<string, string> = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept, ...more };
  if (person) headers["Salus-Pin"] = `${person.person}:${person.pin}`;
  if (bearer) headers["Authorization"] = `Bearer ${bearer}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const used = bearer;
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? null : write_keeping(body), signal });
  } catch {
    throw new ApiError(0, "unreachable", "");
  }
  if (answer.status === 401 && used !== null && used === bearer) refused();
  if (!answer.ok) throw await problem_of(answer);
  return answer;
}

// Asks until the server takes the person, or they give up; nothing was done then.
async function ask_as_person(asked: People, method: string, path: string, body: unknown): Promise<Response> {
  for (let refusal: ApiError | null = null; ; ) {
    const person = await asked.ask(refusal);
    if (!person) throw new ApiError(0, "cancelled", "");
    try {
      const answer = await ask(method, path, "application/json", body, AbortSignal.timeout(call_ms_max), person);
      asked.accepted(person.person);
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== "pin_refused" && error.code !== "rate_limited")) throw error;
      refusal = error;
    }
  }
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer =
    people && method !== "GET"
      ? await ask_as_person(people, method, path, body)
      : await ask(method, path, "application/json", body, AbortSignal.timeout(call_ms_max));
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

// To the record: decimals keep their digits. Stations have no right to it, so nobody is asked for a PIN.
export async function call_record<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const answer = await ask(method, path, "application/fhir+json", body, AbortSignal.timeout(call_ms_max), undefined, headers);
  const text = await answer.text();
  return (text ? parse_keeping(text) : undefined) as T;
}

// Bytes that somebody may no longer want: ended by `signal`, which also ends in an ApiError of status 0.
export async function get_bytes(path: string, accept: string, signal: AbortSignal): Promise<ArrayBuffer> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), call_ms_max);
  const end = () => over.abort();
  signal.addEventListener("abort", end);
  try {
    return await (await ask("GET", path, accept, undefined, over.signal)).arrayBuffer();
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0, "unreachable", "");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

export const get = <T>(path: string) => call<T>("GET", path);
export const put = <T>(path: string, body: unknown) => call<T>("PUT", path, body);
export const post = <T>(path: string, body: unknown) => call<T>("POST", path, body);
export const remove = (path: string) => call<void>("DELETE", path);

export function query(parameters: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters))
    if (value !== null && value !== undefined && value !== "") search.set(key, String(value));
  const text = search.toString();
  return text ? `?${text}` : "";
}
