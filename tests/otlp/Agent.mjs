// The agent under test: the real binary with the real plugin, on ports and files of its own.

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const patience = 60_000;

// Looks every few milliseconds until `look` returns something; fails at the deadline.
export async function eventually(what, look) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export class Agent {
  static async start(keys = {}) {
    const agent = new Agent();
    agent.directory = fs.mkdtempSync(path.join(os.tmpdir(), "octagent-otlp-"));
    agent.database = path.join(agent.directory, "octagent.db");
    const plugins = path.join(agent.directory, "plugins");
    fs.mkdirSync(plugins, { mode: 0o700 });
    fs.copyFileSync(process.env.OTLP_PLUGIN, path.join(plugins, "octagent-otlp.so"));
    fs.chmodSync(path.join(plugins, "octagent-otlp.so"), 0o600);
    const all = { "http.port": 0, "plugins.path": plugins, "otlp.listen": "127.0.0.1:0", ...keys };
    const configuration = path.join(agent.directory, "agent.properties");
    const lines = Object.entries(all).map(([key, value]) => `${key} = ${value}\n`);
    fs.writeFileSync(configuration, lines.join(""), { mode: 0o600 });
    agent.output = "";
    agent.process = spawn(process.env.OCTAGENT_BINARY, [`--config=${configuration}`], {
      env: { PATH: process.env.PATH, HOME: agent.directory, OCT_DB_PATH: agent.database },
      stdio: ["ignore", "pipe", "inherit"],
    });
    agent.process.stdout.on("data", (data) => (agent.output += data));
    agent.ended = new Promise((resolve) => agent.process.on("exit", (code) => resolve((agent.code = code ?? -1))));
    await eventually("the otlp listener", () => {
      if (agent.code !== undefined) throw new Error(`the agent ended with ${agent.code}:\n${agent.output}`);
      return agent.addressOf("otlp");
    });
    return agent;
  }

  // "127.0.0.1:1234"
  addressOf(listener) {
    for (const line of this.output.split("\n").slice(0, -1)) {
      const entry = JSON.parse(line);
      if (entry.message === "listening" && (entry.listener ?? "http") === listener) return entry.address;
    }
    return undefined;
  }

  get endpoint() {
    return `http://${this.addressOf("otlp")}`;
  }

  // Rows with their metadata parsed, in the order in which they were stored.
  rows(table = "llm_traces") {
    const text = execFileSync("sqlite3", ["-readonly", "-json", this.database, `SELECT * FROM ${table} ORDER BY id`], {
      maxBuffer: 1 << 28,
    }).toString();
    return text.trim() === "" ? [] : JSON.parse(text).map((row) => ({ ...row, metadata: JSON.parse(row.metadata) }));
  }

  // SIGTERM; everything that was accepted is stored then.
  async stop() {
    this.process.kill("SIGTERM");
    return await this.ended;
  }

  remove() {
    if (this.code === undefined) this.process.kill("SIGKILL");
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}
