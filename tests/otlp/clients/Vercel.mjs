// Vercel's `ai` with @ai-sdk/openai: plain, streaming, tool call, error.

import { NodeSDK } from "@opentelemetry/sdk-node";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { report, watchLog } from "./Report.mjs";

watchLog();
const sdk = new NodeSDK();
sdk.start();
const openai = createOpenAI({ apiKey: "none", baseURL: process.env.FAKE_OPENAI });
const telemetry = (functionId) => ({
  experimental_telemetry: { isEnabled: true, functionId, metadata: { sessionId: "session-3", userId: "user-3" } },
});
const prompt = "How is the weather in Bern?";

await generateText({ model: openai.chat("gpt-4o-mini"), prompt, ...telemetry("plain") });
const streamed = streamText({ model: openai.chat("gpt-4o-mini"), prompt, ...telemetry("streaming") });
for await (const part of streamed.textStream) void part;
await generateText({
  model: openai.chat("gpt-4o-mini"),
  prompt,
  tools: {
    weather: tool({
      description: "Tells the weather",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => `sunny in ${city}`,
    }),
  },
  stopWhen: stepCountIs(3),
  ...telemetry("tool"),
});
try {
  await generateText({ model: openai.chat("broken"), prompt, maxRetries: 0, ...telemetry("error") });
  throw new Error("the broken model answered");
} catch (error) {
  if (error.statusCode !== 400) throw error;
}
await sdk.shutdown();
report();
