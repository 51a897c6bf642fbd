// The bare exporters: argv[2] is the encoding ("http" is JSON, "proto" protobuf), argv[3] the compression,
// argv[4] how many spans.

import { tracing, resources } from "@opentelemetry/sdk-node";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { report, watchLog } from "./Report.mjs";

const [, , encoding, compression, count] = process.argv;
watchLog();
const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${encoding}`);
const exporter = new OTLPTraceExporter({ compression: CompressionAlgorithm[compression.toUpperCase()] });
const provider = new tracing.BasicTracerProvider({
  resource: resources.resourceFromAttributes({ "service.name": "exporter-test", "service.version": "1.2" }),
  spanProcessors: [new tracing.BatchSpanProcessor(exporter, { maxQueueSize: 8192, maxExportBatchSize: 2048 })],
});
const tracer = provider.getTracer("hand-made", "0.1");
const start = 1700000000000;
for (let i = 0; i < Number(count); ++i) {
  const span = tracer.startSpan(`chat gpt-4o ${i}`, {
    kind: SpanKind.CLIENT,
    startTime: start,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.response.model": "gpt-4o-2024-08-06",
      "gen_ai.conversation.id": "conversation-7",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.usage.cache_read.input_tokens": 80,
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.request.temperature": 0.5,
      "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: "Grüezi 👋" }] }]),
      "gen_ai.output.messages": JSON.stringify([
        { role: "assistant", parts: [{ type: "text", content: "Hello" }], finish_reason: "stop" },
      ]),
    },
  });
  if (i === 1) {
    span.recordException(new TypeError("no such thing"));
    span.setStatus({ code: SpanStatusCode.ERROR, message: "it failed" });
  }
  span.end(start + 1250);
}
await provider.forceFlush();
await provider.shutdown();
trace.disable();
report();
