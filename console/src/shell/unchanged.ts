// Two people at one thing. The server keeps the last word said, so before we say ours we look again: when what is there is no
// longer what was on the screen, nothing is sent, and the person is told what it is now. Saying it again then sends it.
//
// It is a look, not a lock: a change in the milliseconds between looking and sending is not seen.
import type { MutableRefObject } from "react";
import { ApiError } from "../api/client";

export async function unchanged<T>(shown: MutableRefObject<T>, read: () => Promise<T>, say: (now: T) => string): Promise<void> {
  const now = await read();
  if (JSON.stringify(now) === JSON.stringify(shown.current)) return;
  shown.current = now;
  throw new ApiError(409, "changed", say(now));
}
