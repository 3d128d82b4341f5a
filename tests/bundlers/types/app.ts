// The package as a program in TypeScript sees it; tests/node/bundlers.test.mjs has it checked. Never run.

import OpenAI from "openai";
import { CremaError, createEngine, deleteCached, type ChatCompletionRequest, type Engine, type EngineInfo, type LoadProgress } from "crema";
import { languageModel } from "crema/language-model";
import { serveEngine } from "crema/serve";
import { CreateMLCEngine, type AppConfig, type ChatCompletionMessageParam, type InitProgressReport } from "crema/web-llm";

const engine: Engine = await createEngine("hf:owner/repo/model.gguf", {
    device: "webgpu",
    signal: AbortSignal.timeout(1000),
    onProgress: ({ phase, fraction, secondsLeft }: LoadProgress) => console.log(phase, fraction.toFixed(2), secondsLeft?.toFixed(1)),
});
await createEngine([new URL("https://example.com/a.gguf"), { source: new File([], "b.gguf"), id: "b", contextLength: 4096 }], { worker: "shared" });
// @ts-expect-error There is no such device.
await createEngine("model.gguf", { device: "npu" });

// OpenAI's requests are ours, and our replies are OpenAI's.
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content: "Be brief." }, { role: "user", content: [{ type: "text", text: "Hi" }] }];
const request = { messages, temperature: 0, tools: [{ type: "function", function: { name: "now", parameters: { type: "object" } } }] } satisfies
    Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "model">;
const whole: OpenAI.ChatCompletion = await engine.chat.completions.create(request as ChatCompletionRequest & { stream?: false });
const typed = await engine.chat.completions.create({ messages: [{ role: "user", content: "Hi" }], top_k: 40, regex: "[a-z]+" });
const reply: OpenAI.ChatCompletion = typed;
console.log(whole, reply.choices[0]?.message.content, typed.choices[0]?.message.reasoning_content, typed.timings?.predicted_per_second);
for await (const chunk of engine.chat.completions.create({ messages: [{ role: "user", content: "Hi" }], stream: true })) {
    const one: OpenAI.ChatCompletionChunk = chunk;
    console.log(one.choices[0]?.delta.content);
}
const text = await engine.completions.create({ prompt: ["a", "b"], logprobs: 3, echo: true });
const end: OpenAI.CompletionChoice["finish_reason"] | undefined = text.choices[0]?.finish_reason;
const embeddings = await engine.embeddings.create({ input: "a", encoding_format: "float" });
const card: OpenAI.Model = await engine.models.retrieve("b");
const response = await engine.responses.create({ input: "Hi", text: { format: { type: "json_schema", name: "a", schema: {} } } });
console.log(text.choices[0]?.logprobs?.token_logprobs[0] === null, end, embeddings.data[0]?.embedding, card, response.output);
// @ts-expect-error A request has messages.
await engine.chat.completions.create({ temperature: 1 });
// @ts-expect-error A reply in one piece is not iterated.
for await (const chunk of await engine.chat.completions.create({ messages: [] })) { console.log(chunk); }

const client = new OpenAI({ baseURL: "http://crema.local/v1", apiKey: "none", fetch: engine.fetch, dangerouslyAllowBrowser: true });
await client.chat.completions.create({ model: "default", messages });

const session = engine.session({ messages: "You are terse.", temperature: 0 });
await session.prompt("Hi", { priority: 3 });
for await (const chunk of session.stream("More")) { console.log(chunk.choices[0]?.delta.content); }
const copy = await engine.restoreSession(await session.clone().save({ cache: false }));
const { used, limit } = await copy.contextUsage();
const info: EngineInfo | null = engine.info;
await engine.addLogitProcessor("own", (tokens, logits) => { logits[tokens[0] ?? 0] = 0; });
console.log(used / limit, info?.model.dtype, await engine.countTokens("a"), await engine.detokenize(await engine.tokenize("a")));
try {
    await engine.load("missing.gguf");
} catch (error) {
    if (error instanceof CremaError && error.code === "not_found") { console.log(error.message, error.hint); }
}
await deleteCached("a");
await engine.close();

const appConfig: AppConfig = { model_list: [{ model: "https://example.com/model.gguf", model_id: "mine" }] };
const drop = await CreateMLCEngine("mine", { appConfig, initProgressCallback: (report: InitProgressReport) => console.log(report.text) }, { temperature: 0.5 });
const said: ChatCompletionMessageParam[] = [{ role: "user", content: "Hi" }];
const answer = await drop.chat.completions.create({ messages: said });
console.log(answer.choices[0]?.message.content, await drop.getMessage(), await drop.runtimeStatsText());

const api = languageModel("https://example.com/model.gguf");
const writer = await api.create({ initialPrompts: [{ role: "system", content: "Be brief." }], temperature: 1, topK: 3 });
console.log(await writer.prompt("Hi", { responseConstraint: /yes|no/ }));

const stop: () => void = serveEngine(new MessageChannel().port1);
stop();
