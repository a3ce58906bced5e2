// The socket of the live feed: opens it, opens it again, says when the server is silent. Everything heard goes to the store.
import type { FeedMessage } from "../api/types";
import { decode_frame } from "./frame";
import { Resume } from "./resume";
import type { WardStore } from "./store";

const silent_after_ms = 2_700; // with the look and a frame: said within 3 s
const watch_every_ms = 200;
const open_ms_max = 6_000;

export class Feed {
  private readonly resume = new Resume();
  private socket: WebSocket | null = null;
  private opened_at = 0;
  private readonly began_at = Date.now();
  private retry: ReturnType<typeof setTimeout> | null = null;
  private readonly watch: ReturnType<typeof setInterval>;
  private ended = false;

  constructor(
    private readonly store: WardStore,
    private readonly token: string,
    private readonly refused: () => void, // the server does not know the token
  ) {
    this.watch = setInterval(() => this.look(), watch_every_ms);
    store.say = (message) => {
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    };
    this.open();
  }

  end() {
    this.ended = true;
    clearInterval(this.watch);
    if (this.retry) clearTimeout(this.retry);
    this.socket?.close();
    this.socket = null;
  }

  private open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/live`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.opened_at = Date.now();
    socket.onopen = () => socket.send(JSON.stringify(this.resume.hello(this.token)));
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (this.socket === socket) this.hear(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.again(event.code);
    };
  }

  private again(code: number) {
    this.socket = null;
    if (this.ended) return;
    if (code === 1008) this.refused();
    this.retry = setTimeout(() => this.open(), this.resume.wait_ms());
  }

  private hear(data: string | ArrayBuffer) {
    const now = Date.now();
    if (data instanceof ArrayBuffer) {
      const frame = decode_frame(data);
      if (frame) this.store.hear_frame(frame, now);
    } else {
      const message = read(data);
      if (!message) return;
      this.resume.heard(message);
      this.store.hear(message, now);
    }
    const link = this.store.link();
    // `heard` is read once a second and by the silence rule; telling React of each message would redraw the ward.
    link.heard = now;
    if (link.state !== "live") this.store.set_link({ state: "live", heard: now });
  }

  private look() {
    const now = Date.now();
    const { heard, state } = this.store.link();
    const last = heard ?? this.began_at;
    if (now - last > silent_after_ms && state !== "silent") this.store.set_link({ state: "silent", heard });
    const socket = this.socket;
    // A server that died without a word leaves a socket that stays open for minutes.
    if (socket && now - Math.max(last, this.opened_at) > open_ms_max) {
      socket.onclose = null;
      socket.close();
      this.again(1006);
    }
  }
}

// The server is ours and the link is authentic, but a message of a later version must not stop the ward.
function read(data: string): FeedMessage | null {
  try {
    const message = JSON.parse(data) as FeedMessage;
    return typeof message === "object" && message !== null && typeof message.type === "string" ? message : null;
  } catch {
    return null;
  }
}
