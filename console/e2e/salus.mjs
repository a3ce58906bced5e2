// The real server for browser tests: starts `salus demo` on a folder of its own, waits until it is ready, ends it by its pid.
// SALUS_BINARY: another program than build/salus. SALUS_SCHEME: http to go without TLS.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.SALUS_BINARY ?? join(root, "build/salus");
const console_folder = join(root, "console/dist");
const ready_ms_max = 30_000;

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Asks until `look` answers something true; undefined when `ms_max` have passed.
export async function until(look, ms_max, every_ms = 50) {
  for (const end = Date.now() + ms_max; Date.now() < end; await pause(every_ms)) {
    const seen = await look();
    if (seen) return seen;
  }
  return undefined;
}

const is_free = (port) =>
  new Promise((done) => {
    const server = createServer().once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });

async function free_base() {
  for (let base = 24_000 + (process.pid % 800) * 10; base < 60_000; base += 20) {
    const all = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((step) => is_free(base + step)));
    if (all.every(Boolean)) return base;
  }
  throw new Error("No eight free ports in a row.");
}

export class Salus {
  // `command`: demo, or serve for a ward without patients.
  static async start(command = "demo") {
    const salus = new Salus();
    salus.command = command;
    salus.folder = mkdtempSync(join(tmpdir(), "salus-browser-"));
    salus.data = join(salus.folder, "data");
    salus.base = await free_base();
    await salus.run();
    return salus;
  }

  // On the same data and ports, also after a kill.
  async run() {
    const ready = (this.ready_file = join(this.folder, "ready.json"));
    rmSync(ready, { force: true });
    const options = [this.command, "--data", this.data, "--port-base", String(this.base), "--ready-file", ready];
    let said = "";
    this.child = spawn(binary, options, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, SALUS_CONSOLE: console_folder } });
    this.ended = new Promise((done) => this.child.once("exit", done));
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (data) => (said = (said + data).slice(-4_000)));
    const here = await until(() => existsSync(ready) || this.child.exitCode !== null, ready_ms_max);
    if (!here || !existsSync(ready)) throw new Error(`salus ${this.command} did not become ready: ${said}`);
    this.addresses = JSON.parse(readFileSync(ready, "utf8"));
    this.address = this.addresses[process.env.SALUS_SCHEME ?? "https"];
    this.password = readFileSync(join(this.data, "admin-password"), "utf8").trim();
  }

  // Runs another command of the program (sim, replay) against this server until the returned function is called.
  play([command, ...options]) {
    const player = spawn(binary, [command, "--ready", this.ready_file, ...options], { stdio: "ignore" });
    const ended = new Promise((done) => player.once("exit", done));
    return () => (player.kill(), ended);
  }

  async kill(signal = "SIGKILL") {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    await this.ended;
  }

  async end() {
    await this.kill("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
