// How fast spans become rows, against events at the native endpoint, in one run on one machine:
//
//     OCTAGENT_BINARY=... OTLP_PLUGIN=... node bench.mjs [seconds]
//
// Each way has an agent of its own with an empty database. Bodies are made beforehand, so that the sender costs
// little; they hold the same texts. Printed: rows a second from the first request to the last row, what was
// dropped, and the agent's resident memory at its end.

import fs from "node:fs";
import http from "node:http";
import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { Agent, eventually } from "./Agent.mjs";
import { jsonRequest, protobufRequest } from "./Wire.mjs";

const seconds = Number(process.argv[2] ?? 10);
const content = "How is the weather in Bern today? ".repeat(26); // 884 bytes
const spansEach = 512;
const bodies = 400; // different ones: a span that comes again is not stored

const native = {
  provider: "openai",
  model: "gpt-4o",
  input_text: JSON.stringify([{ role: "user", parts: [{ type: "text", content }] }]),
  output_text: JSON.stringify([{ role: "assistant", parts: [{ type: "text", content: "Hello" }] }]),
  prompt_tokens: 100,
  completion_tokens: 20,
  latency_ms: 1250,
  metadata: { "gen_ai.conversation.id": "conversation-7", "gen_ai.response.id": "chatcmpl-123" },
};

function post(agent, port, path, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, host: "127.0.0.1", port, path, method: "POST", headers: { ...headers, "Content-Length": body.length } }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode, body: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function measure(name, { listener, make, count, eachBody, headers, connections }) {
  const agent = await Agent.start();
  const port = agent.addressOf(listener).split(":")[1];
  const connection = new http.Agent({ keepAlive: true, maxSockets: connections });
  const prepared = Array.from({ length: count }, make);
  const began = performance.now();
  const end = began + seconds * 1000;
  let next = 0;
  let accepted = 0;
  let dropped = 0;
  let retried = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < prepared.length && performance.now() < end) {
        const body = prepared[next++];
        for (;;) {
          const answer = await post(connection, port, "/v1/traces", body, headers);
          if (answer.status === 503) {
            ++retried;
            await new Promise((resolve) => setTimeout(resolve, 1000));
            continue;
          }
          if (answer.status >= 300) throw new Error(`${answer.status} ${answer.body}`);
          const lost = answer.status === 202 ? (JSON.parse(answer.body).dropped ?? 0) : 0;
          dropped += lost;
          accepted += eachBody - lost;
          break;
        }
      }
    }),
  );
  const count1 = () => Number(execFileSync("sqlite3", ["-readonly", agent.database, "SELECT count(*) FROM llm_traces"]));
  await eventually("all rows", () => count1() >= accepted);
  const took = (performance.now() - began) / 1000;
  const resident = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${agent.process.pid}/status`, "utf8"))[1];
  const rows = count1();
  if (rows !== accepted) throw new Error(`${rows} rows of ${accepted} accepted`);
  const code = await agent.stop();
  agent.remove();
  connection.destroy();
  console.log(
    `${name.padEnd(34)} ${Math.round(rows / took).toString().padStart(7)} rows/s  ${String(rows).padStart(7)} rows  ` +
      `${String(dropped).padStart(7)} dropped  ${retried} retried  ${(resident / 1024).toFixed(1)} MiB  exit ${code}`,
  );
}

const json = { "Content-Type": "application/json" };
const protobuf = { "Content-Type": "application/x-protobuf" };
const gzip = { "Content-Encoding": "gzip" };
const one = Buffer.from(JSON.stringify(native));
const many = Buffer.from(JSON.stringify(Array.from({ length: spansEach }, () => native)));
const otlp = { listener: "otlp", count: bodies, eachBody: spansEach, connections: 2 };

await measure("native, one event a request", { listener: "http", make: () => one, count: 1_000_000, eachBody: 1, headers: json, connections: 16 });
await measure(`native, ${spansEach} events a request`, { listener: "http", make: () => many, count: 100_000, eachBody: spansEach, headers: json, connections: 2 });
await measure(`OTLP Protobuf, ${spansEach} spans`, { ...otlp, make: () => protobufRequest(spansEach, content), headers: protobuf });
await measure(`OTLP Protobuf gzip, ${spansEach} spans`, { ...otlp, make: () => gzipSync(protobufRequest(spansEach, content)), headers: { ...protobuf, ...gzip } });
await measure(`OTLP JSON, ${spansEach} spans`, { ...otlp, make: () => jsonRequest(spansEach, content), headers: json });
await measure(`OTLP JSON gzip, ${spansEach} spans`, { ...otlp, make: () => gzipSync(jsonRequest(spansEach, content)), headers: { ...json, ...gzip } });
