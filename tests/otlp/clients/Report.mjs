// What a client under test tells its test: one line of JSON with all that OpenTelemetry logged as a warning or
// an error. The exporters log refused and failed exports nowhere else.

import { diag, DiagLogLevel } from "@opentelemetry/api";

const logged = [];
const keep = (...parts) => logged.push(parts.map((part) => (part instanceof Error ? part.stack : String(part))).join(" "));

export function watchLog() {
  diag.setLogger(
    { error: keep, warn: keep, info() {}, debug() {}, verbose() {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

export function report(extra = {}) {
  process.stdout.write(`${JSON.stringify({ logged, ...extra })}\n`);
}
