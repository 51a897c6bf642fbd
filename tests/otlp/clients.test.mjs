// Real clients against the real agent, and an OpenAI that is none. Each client runs in a process of its own, as an
// application would; each row is asserted column by column.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Agent } from "./Agent.mjs";
import { answer, responseModel, startFakeOpenAi } from "./FakeOpenAi.mjs";

let openai;
let agent;
before(async () => (openai = await startFakeOpenAi()));
after(() => openai.close());
beforeEach(async () => (agent = await Agent.start()));
afterEach(() => agent.remove());

// Runs a client to its end. It must end well, say nothing on standard error, and OpenTelemetry must have logged
// neither a warning nor an error.
async function run(client, args = [], environment = {}) {
  const child = spawn(process.execPath, [path.join("clients", client), ...args], {
    cwd: import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
    env: {
      PATH: process.env.PATH,
      HOME: agent.directory,
      OTEL_EXPORTER_OTLP_ENDPOINT: agent.endpoint,
      OTEL_NODE_RESOURCE_DETECTORS: "env",
      OTEL_SERVICE_NAME: "client-test",
      FAKE_OPENAI: openai.url,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (errors += data));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  assert.equal(code, 0, errors + output);
  const report = JSON.parse(output.trim().split("\n").at(-1));
  assert.deepEqual(report.logged, []);
  assert.equal(errors, "");
}

// Stops the agent, so that all is stored, and holds its rows against the expected ones. `metadata` of an expected
// row names what must be in it; columns that are functions are called with the value. The rows' own ids and times
// are checked here.
async function assertRows(expected, table = "llm_traces") {
  assert.equal(await agent.stop(), 0, agent.output);
  const rows = agent.rows(table);
  assert.equal(rows.length, expected.length, JSON.stringify(rows.map((row) => row.metadata.name)));
  const seen = new Set();
  rows.forEach((row, i) => {
    const { id, trace_id, created_at, metadata, ...columns } = row;
    const { metadata: expectedMetadata, ...expectedColumns } = expected[i];
    assert.equal(id, i + 1);
    assert.match(trace_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(Math.abs(Date.now() - created_at) < 120_000);
    assert.ok(!seen.has(trace_id));
    seen.add(trace_id);
    assert.deepEqual(Object.keys(columns).sort(), Object.keys(expectedColumns).sort());
    for (const [name, value] of Object.entries(expectedColumns)) {
      if (typeof value === "function") assert.ok(value(columns[name]), `row ${i}, ${name}: ${columns[name]}`);
      else assert.equal(columns[name], value, `row ${i}, ${name}`);
    }
    assert.match(metadata.trace_id, /^[0-9a-f]{32}$/);
    assert.match(metadata.span_id, /^[0-9a-f]{16}$/);
    for (const [name, value] of Object.entries(expectedMetadata)) {
      if (typeof value === "function") assert.ok(value(metadata[name]), `row ${i}, metadata ${name}: ${metadata[name]}`);
      else assert.deepEqual(metadata[name], value, `row ${i}, metadata ${name}`);
    }
  });
  return rows;
}

const isLatency = (value) => Number.isInteger(value) && value >= 0 && value < 60_000;
const base = {
  provider: "openai",
  input_text: null,
  output_text: null,
  prompt_tokens: null,
  completion_tokens: null,
  total_tokens: null,
  cost_usd: null,
  latency_ms: isLatency,
  status: "ok",
  error_type: null,
  synced: 0,
  pushed_at: null,
};
const used = { prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 };
const errorBase = { stack_trace: (text) => text.length > 0, severity: "error", synced: 0, pushed_at: null };
const unused = { prompt_tokens: null, completion_tokens: null, total_tokens: null };

for (const encoding of ["http", "proto"]) {
  for (const compression of ["none", "gzip"]) {
    test(`@opentelemetry/exporter-trace-otlp-${encoding}, compression ${compression}`, async () => {
      await run("Exporter.mjs", [encoding, compression, "2"]);
      const row = {
        ...base,
        model: "gpt-4o",
        input_text: '[{"role":"user","parts":[{"type":"text","content":"Grüezi 👋"}]}]',
        output_text: '[{"role":"assistant","parts":[{"type":"text","content":"Hello"}],"finish_reason":"stop"}]',
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        latency_ms: 1250,
        metadata: {
          name: "chat gpt-4o 0",
          kind: "CLIENT",
          start_time_unix_nano: "1700000000000000000",
          end_time_unix_nano: "1700000001250000000",
          parent_span_id: undefined,
          "gen_ai.operation.name": "chat",
          "gen_ai.conversation.id": "conversation-7",
          "session.id": "conversation-7",
          "gen_ai.response.model": "gpt-4o-2024-08-06",
          "gen_ai.response.finish_reasons": ["stop"],
          "gen_ai.request.temperature": 0.5,
          "gen_ai.usage.cache_read.input_tokens": 80,
          "otel.scope.name": "hand-made",
          "otel.scope.version": "0.1",
          resource: { "service.name": "exporter-test", "service.version": "1.2" },
          _truncated: undefined,
        },
      };
      const failed = {
        ...row,
        status: "error",
        error_type: "TypeError",
        metadata: { ...row.metadata, name: "chat gpt-4o 1", "otel.status_description": "it failed" },
      };
      const rows = await assertRows([row, failed]);
      const errors = agent.rows("error_events");
      assert.equal(errors.length, 1);
      const { id, trace_id, created_at, metadata, stack_trace, ...columns } = errors[0];
      assert.deepEqual(columns, { error_type: "TypeError", message: "it failed", severity: "error", synced: 0, pushed_at: null });
      assert.match(stack_trace, /^TypeError: no such thing\n/);
      assert.equal(metadata["llm_traces.trace_id"], rows[1].trace_id);
      assert.equal(metadata.span_id, rows[1].metadata.span_id);
    });
  }
}

test("a batch of 2,048 spans", async () => {
  await run("Exporter.mjs", ["proto", "gzip", "2048"]);
  assert.equal(await agent.stop(), 0);
  const rows = agent.rows();
  assert.equal(rows.length, 2048);
  assert.equal(new Set(rows.map((row) => row.metadata.span_id)).size, 2048);
});

for (const protocol of ["http/protobuf", "http/json"]) {
  test(`@opentelemetry/sdk-node, ${protocol}, with metrics and logs`, async () => {
    await run("SdkNode.mjs", [], {
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
    });
    const shared = { resource: (value) => value["service.name"] === "client-test", "otel.scope.name": "sdk-node-test" };
    const rows = await assertRows([
      {
        ...base,
        provider: "anthropic",
        model: "claude-sonnet-4-5",
        prompt_tokens: 50,
        completion_tokens: 5,
        total_tokens: 55,
        metadata: { ...shared, "session.id": "session-1", "user.id": "user-1", "gen_ai.operation.name": "chat" },
      },
      {
        ...base,
        provider: "anthropic",
        model: "unknown",
        metadata: {
          ...shared,
          "gen_ai.operation.name": "invoke_agent",
          "gen_ai.agent.name": "Weather",
          "gen_ai.usage.input_tokens": 50,
        },
      },
    ]);
    assert.equal(rows[0].metadata.parent_span_id, rows[1].metadata.span_id);
    assert.equal(rows[0].metadata.trace_id, rows[1].metadata.trace_id);
    const discarded = agent.output.split("\n").filter((line) => line.includes("discarding"));
    assert.equal(discarded.length, 2, agent.output);
  });
}

const conversation = [
  { role: "system", parts: [{ type: "text", content: "Be short." }] },
  { role: "user", parts: [{ type: "text", content: "How is the weather in Bern?" }] },
];

test("@traceloop/node-server-sdk with openai", async () => {
  await run("Traceloop.mjs");
  const identity = { "session.id": "session-9", "user.id": "user-9", "traceloop.workflow.name": "weather" };
  const call = {
    ...base,
    ...used,
    model: "gpt-4o-mini",
    input_text: JSON.stringify(conversation),
    output_text: JSON.stringify([
      { role: "assistant", finish_reason: "stop", parts: [{ type: "text", content: answer }] },
    ]),
    metadata: { ...identity, "gen_ai.operation.name": "chat", "gen_ai.response.model": responseModel, kind: "CLIENT" },
  };
  await assertRows([
    call,
    // Streaming, it counts by itself and not by what the server said.
    { ...call, prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 },
    {
      ...call,
      output_text: JSON.stringify([
        {
          role: "assistant",
          finish_reason: "tool_call",
          parts: [{ type: "tool_call", id: "call_octagent", name: "weather", arguments: { city: "Bern" } }],
        },
      ]),
      metadata: {
        ...call.metadata,
        "gen_ai.response.finish_reasons": ["tool_call"],
        "gen_ai.tool.definitions": (value) => JSON.parse(value)[0].function.name === "weather",
      },
    },
    {
      ...base,
      provider: "unknown",
      model: "unknown",
      input_text: '{"args":[],"kwargs":{}}',
      metadata: { ...identity, name: "weather.workflow", "gen_ai.operation.name": "invoke_workflow" },
    },
  ]);
});

test("@arizeai/openinference-instrumentation-openai with openai", async () => {
  await run("OpenInference.mjs");
  const call = {
    ...base,
    ...used,
    model: responseModel,
    input_text: '[{"content":"Be short.","role":"system"},{"content":"How is the weather in Bern?","role":"user"}]',
    output_text: JSON.stringify([{ content: answer, role: "assistant" }]),
    metadata: {
      "gen_ai.operation.name": "chat",
      "openinference.span.kind": "LLM",
      "gen_ai.usage.cache_read.input_tokens": 100,
      "gen_ai.usage.reasoning.output_tokens": 12,
      "input.value": undefined,
    },
  };
  await assertRows([
    call,
    // Streaming, it tells neither usage nor the model that answered.
    { ...call, ...unused, model: "gpt-4o-mini", metadata: { "openinference.span.kind": "LLM" } },
    {
      ...call,
      output_text:
        '[{"role":"assistant","tool_calls":[{"tool_call":{"function":{"arguments":"{\\"city\\":\\"Bern\\"}","name":"weather"},"id":"call_octagent"}}]}]',
      metadata: { ...call.metadata, "llm.finish_reason": "tool_calls" },
    },
  ]);
});

test("ai (Vercel) with @ai-sdk/openai: plain, streaming, tool call, error", async () => {
  await run("Vercel.mjs");
  const prompt = '{"prompt":"How is the weather in Bern?"}';
  const messages = '[{"role":"user","content":[{"type":"text","text":"How is the weather in Bern?"}]}]';
  const identity = { "session.id": "session-3", "user.id": "user-3" };
  const inference = {
    ...base,
    ...used,
    provider: "openai.chat",
    model: "gpt-4o-mini",
    input_text: messages,
    output_text: answer,
    metadata: {
      ...identity,
      name: "ai.generateText.doGenerate",
      "gen_ai.operation.name": "chat",
      "gen_ai.response.model": responseModel,
      "gen_ai.usage.cache_read.input_tokens": 100,
      "gen_ai.usage.reasoning.output_tokens": 12,
      "ai.telemetry.functionId": "plain",
      "gen_ai.response.time_to_first_chunk": undefined,
    },
  };
  const wrapper = {
    ...inference,
    ...unused,
    input_text: prompt,
    metadata: { ...identity, name: "ai.generateText", "gen_ai.operation.name": undefined, "ai.usage.inputTokens": 120 },
  };
  const toolCalls = '[{"toolCallId":"call_octagent","toolName":"weather","input":"{\\"city\\":\\"Bern\\"}"}]';
  const failed = { ...inference, ...unused, model: "broken", output_text: null, status: "error", error_type: "AI_APICallError" };
  const rows = await assertRows([
    inference,
    wrapper,
    {
      ...inference,
      metadata: {
        ...inference.metadata,
        name: "ai.streamText.doStream",
        "ai.telemetry.functionId": "streaming",
        "gen_ai.response.time_to_first_chunk": (value) => value > 0 && value < 60,
      },
    },
    { ...wrapper, metadata: { ...wrapper.metadata, name: "ai.streamText" } },
    {
      ...inference,
      output_text: toolCalls,
      metadata: { ...identity, "gen_ai.response.finish_reasons": ["tool-calls"] },
    },
    {
      ...base,
      provider: "unknown",
      model: "unknown",
      input_text: '{"city":"Bern"}',
      output_text: '"sunny in Bern"',
      metadata: {
        ...identity,
        name: "ai.toolCall",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "weather",
        "gen_ai.tool.call.id": "call_octagent",
      },
    },
    { ...inference, input_text: (text) => JSON.parse(text).length === 3, metadata: identity },
    { ...wrapper, metadata: { ...wrapper.metadata, "ai.usage.inputTokens": 240 } },
    { ...failed, metadata: { ...identity, "otel.status_description": "This model does not work" } },
    { ...failed, input_text: prompt, metadata: { ...identity, name: "ai.generateText" } },
  ]);
  // Every token once, although the wrappers repeat them.
  assert.equal(rows.reduce((sum, row) => sum + (row.total_tokens ?? 0), 0), 4 * 150);
  const errors = agent.rows("error_events");
  assert.equal(errors.length, 2);
  for (const [i, error] of errors.entries()) {
    const { id, trace_id, created_at, metadata, ...columns } = error;
    const { stack_trace, ...expected } = { ...errorBase, error_type: "AI_APICallError", message: "This model does not work" };
    assert.ok(stack_trace(columns.stack_trace));
    delete columns.stack_trace;
    assert.deepEqual(columns, expected);
    assert.equal(metadata["llm_traces.trace_id"], rows[8 + i].trace_id);
    assert.equal(metadata["gen_ai.request.model"], "broken");
  }
});
