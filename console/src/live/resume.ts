// Where the feed stands and what to say when it is opened again. Pure: the socket is feed.ts's.
//
// A position says that all before it is durable; only from there may the feed be resumed. After a welcome that does not
// resume (another epoch, or we were away too long) the whole ward follows and what we knew is void.
import type { FeedMessage, Position } from "../api/types";

const wait_ms_min = 1_000;
const wait_ms_max = 5_000;

export class Resume {
  private since: Position | null = null;
  private failures = 0;

  hello(token: string) {
    return { type: "hello", token, waves: ["*"], ...(this.since ? { since: this.since } : {}) };
  }

  heard(message: FeedMessage) {
    if (message.type === "welcome") {
      this.failures = 0;
      if (!message.resumed) this.since = { epoch: message.epoch, offset: message.offset };
    } else if (message.type === "position") {
      // An older offset within an epoch is a repeat.
      if (this.since === null || message.epoch !== this.since.epoch || message.offset > this.since.offset)
        this.since = { epoch: message.epoch, offset: message.offset };
    }
  }

  // How long to wait before the next attempt: 1, 2, 4, 5, 5 … s.
  wait_ms(): number {
    return Math.min(wait_ms_max, wait_ms_min * 2 ** this.failures++);
  }
}
