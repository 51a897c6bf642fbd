// The calls that the tests of OpenAI instrumentations make: plain, streaming, tool call, error.

export async function callOpenAi(OpenAI) {
  const client = new OpenAI({ apiKey: "none", baseURL: process.env.FAKE_OPENAI, maxRetries: 0 });
  const messages = [
    { role: "system", content: "Be short." },
    { role: "user", content: "How is the weather in Bern?" },
  ];
  await client.chat.completions.create({ model: "gpt-4o-mini", messages, temperature: 0.2 });
  const stream = await client.chat.completions.create({
    model: "gpt-4o-mini",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) void chunk;
  await client.chat.completions.create({
    model: "gpt-4o-mini",
    messages,
    tools: [{ type: "function", function: { name: "weather", description: "Tells the weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }],
  });
  try {
    await client.chat.completions.create({ model: "broken", messages });
    throw new Error("the broken model answered");
  } catch (error) {
    if (error.status !== 400) throw error;
  }
}
