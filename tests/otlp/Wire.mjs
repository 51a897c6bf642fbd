// Requests of many LLM spans, in both encodings, made without any SDK: the load must cost its sender little.

import { randomBytes } from "node:crypto";

const start = 1700000000000000000n;
const end = start + 1250000000n;

function attributes(text) {
  return [
    ["gen_ai.operation.name", "chat"],
    ["gen_ai.provider.name", "openai"],
    ["gen_ai.request.model", "gpt-4o"],
    ["gen_ai.response.model", "gpt-4o-2024-08-06"],
    ["gen_ai.response.id", "chatcmpl-123"],
    ["gen_ai.conversation.id", "conversation-7"],
    ["gen_ai.usage.input_tokens", 100],
    ["gen_ai.usage.output_tokens", 20],
    ["gen_ai.input.messages", JSON.stringify([{ role: "user", parts: [{ type: "text", content: text }] }])],
    ["gen_ai.output.messages", JSON.stringify([{ role: "assistant", parts: [{ type: "text", content: "Hello" }] }])],
  ];
}

export function jsonRequest(count, text) {
  const list = attributes(text).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: value } : { stringValue: value },
  }));
  const spans = Array.from({ length: count }, () => ({
    traceId: randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    name: "chat gpt-4o",
    kind: 3,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(end),
    attributes: list,
    status: {},
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "bench" } }] };
  return Buffer.from(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "bench" }, spans }] }] }));
}

function varint(number) {
  const bytes = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) + 128);
  return Buffer.from([...bytes, number]);
}
const field = (number, data) => Buffer.concat([varint(number * 8 + 2), varint(data.length), data]);
const text = (number, value) => field(number, Buffer.from(value));
function fixed64(number, value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}
const attribute = (key, value) =>
  Buffer.concat([
    text(1, key),
    field(2, typeof value === "number" ? Buffer.concat([varint(3 * 8), varint(value)]) : text(1, value)),
  ]);

export function protobufRequest(count, content) {
  const constant = Buffer.concat([
    text(5, "chat gpt-4o"),
    varint(6 * 8),
    varint(3),
    fixed64(7, start),
    fixed64(8, end),
    ...attributes(content).map(([key, value]) => field(9, attribute(key, value))),
    field(15, Buffer.alloc(0)),
  ]);
  const spans = Array.from({ length: count }, () =>
    field(2, Buffer.concat([field(1, randomBytes(16)), field(2, randomBytes(8)), constant])),
  );
  const resource = field(1, field(1, attribute("service.name", "bench")));
  return field(1, Buffer.concat([resource, field(2, Buffer.concat([field(1, text(1, "bench")), ...spans]))]));
}
