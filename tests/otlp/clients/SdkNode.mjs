// @opentelemetry/sdk-node as its documentation starts it: nothing is configured but the endpoint, by environment.
// Metrics and logs go out too.

import { NodeSDK } from "@opentelemetry/sdk-node";
import { metrics, SpanKind, trace } from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";
import { report, watchLog } from "./Report.mjs";

watchLog();
const sdk = new NodeSDK();
sdk.start();
const tracer = trace.getTracer("sdk-node-test", "2.0");
tracer.startActiveSpan("invoke_agent Weather", { attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "Weather", "gen_ai.provider.name": "anthropic", "gen_ai.usage.input_tokens": 50, "gen_ai.usage.output_tokens": 5 } }, (agent) => {
  const span = tracer.startSpan("chat claude-sonnet-4-5", {
    kind: SpanKind.CLIENT,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "anthropic",
      "gen_ai.request.model": "claude-sonnet-4-5",
      "gen_ai.usage.input_tokens": 50,
      "gen_ai.usage.output_tokens": 5,
      "session.id": "session-1",
      "user.id": "user-1",
    },
  });
  span.end();
  tracer.startSpan("GET /", { kind: SpanKind.CLIENT, attributes: { "http.request.method": "GET" } }).end();
  agent.end();
});
metrics.getMeter("sdk-node-test").createCounter("calls").add(1);
logs.getLogger("sdk-node-test").emit({ body: "a line", severityText: "INFO" });
await sdk.shutdown();
report();
