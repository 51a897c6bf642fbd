// A server that answers like OpenAI's, on loopback, so that the clients' own code runs from end to end.
//
// What it answers follows from the request alone: `stream` streams, `tools` without a tool's result calls the
// first tool, a model called "broken" fails.

import http from "node:http";

// OpenAI counts cached tokens as part of prompt_tokens, and reasoning tokens as part of completion_tokens.
export const usage = {
  prompt_tokens: 120,
  completion_tokens: 30,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 100 },
  completion_tokens_details: { reasoning_tokens: 12 },
};
export const answer = "It is sunny in Bern.";
export const responseModel = "gpt-4o-mini-2024-07-18";

const created = 1700000000;

function completion(message, finishReason) {
  return {
    id: "chatcmpl-octagent",
    object: "chat.completion",
    created,
    model: responseModel,
    choices: [{ index: 0, message, finish_reason: finishReason, logprobs: null }],
    usage,
    system_fingerprint: "fp_octagent",
  };
}

function chunk(delta, finishReason = null, extra = {}) {
  return {
    id: "chatcmpl-octagent",
    object: "chat.completion.chunk",
    created,
    model: responseModel,
    choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
    ...extra,
  };
}

function toolCall(body) {
  const tool = body.tools[0].function;
  return { id: "call_octagent", type: "function", function: { name: tool.name, arguments: '{"city":"Bern"}' } };
}

function chat(body, response) {
  if (body.model === "broken") {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ error: { message: "This model does not work", type: "invalid_request_error", code: "model_broken" } }),
    );
    return;
  }
  const callsTool = body.tools?.length > 0 && !body.messages.some((message) => message.role === "tool");
  if (!body.stream) {
    response.writeHead(200, { "content-type": "application/json" });
    const message = callsTool
      ? { role: "assistant", content: null, tool_calls: [toolCall(body)] }
      : { role: "assistant", content: answer, refusal: null };
    response.end(JSON.stringify(completion(message, callsTool ? "tool_calls" : "stop")));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (event) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  send(chunk({ role: "assistant", content: "" }));
  for (const word of answer.match(/\S+\s*/g)) send(chunk({ content: word }));
  send(chunk({}, "stop"));
  if (body.stream_options?.include_usage) send({ ...chunk({}), choices: [], usage });
  response.end("data: [DONE]\n\n");
}

// Resolves to the server; its base URL is in `url`.
export async function startFakeOpenAi() {
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      if (request.method === "POST" && request.url === "/v1/chat/completions")
        return chat(JSON.parse(Buffer.concat(parts).toString()), response);
      response.writeHead(404).end();
    });
  });
  // A client may be busy with itself for longer than Node's five seconds between two requests.
  server.keepAliveTimeout = 600_000;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.url = `http://127.0.0.1:${server.address().port}/v1`;
  return server;
}
