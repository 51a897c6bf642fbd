// @traceloop/node-server-sdk (OpenLLMetry) with openai.

import * as traceloop from "@traceloop/node-server-sdk";
import OpenAI from "openai";
import { callOpenAi } from "./OpenAiCalls.mjs";
import { report, watchLog } from "./Report.mjs";

traceloop.initialize({
  appName: "traceloop-test",
  baseUrl: process.env.OTEL_EXPORTER_OTLP_ENDPOINT,
  disableBatch: false,
  silenceInitializationMessage: true,
  traceloopSyncEnabled: false,
  instrumentModules: { openAI: OpenAI },
});
watchLog();
await traceloop.withAssociationProperties({ session_id: "session-9", user_id: "user-9" }, () =>
  traceloop.withWorkflow({ name: "weather" }, () => callOpenAi(OpenAI)),
);
await traceloop.forceFlush();
report();
process.exit(0);
