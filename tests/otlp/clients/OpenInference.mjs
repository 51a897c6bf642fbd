// @arizeai/openinference-instrumentation-openai with openai, exported by sdk-node.

import { NodeSDK } from "@opentelemetry/sdk-node";
import { OpenAIInstrumentation } from "@arizeai/openinference-instrumentation-openai";
import OpenAI from "openai";
import { callOpenAi } from "./OpenAiCalls.mjs";
import { report, watchLog } from "./Report.mjs";

watchLog();
const instrumentation = new OpenAIInstrumentation();
const sdk = new NodeSDK({ instrumentations: [instrumentation] });
sdk.start();
instrumentation.manuallyInstrument(OpenAI);
await callOpenAi(OpenAI);
await sdk.shutdown();
report();
