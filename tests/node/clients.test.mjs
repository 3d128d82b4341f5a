// The packages that applications use, unmodified, against './crema serve' and against the engine in this process (Node, on the Wasm device) through
// its fetch: ai with @ai-sdk/openai-compatible, @langchain/openai, and the helpers of openai (see openai-client.test.mjs for the rest of it).

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embedMany, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { startServer, stopServer } from "../perf/load-server.mjs";
import { ROOT } from "./static-server.mjs";

const greeting = "Hello! How can I help you?";
/** As the embedded model has learnt tools: another schema of the same meaning is none that it knows. */
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const question = "What is the weather in Paris?";
/** Each value has an end, so that no reply is cut off. */
const Weather = z.object({ city: z.enum(["Paris", "Berlin"]), sunny: z.boolean() });
const TRANSPORTS = { "./crema serve": serveTransport, "the engine's fetch": engineTransport };

async function serveTransport() {
    const server = await startServer([]);
    return { baseURL: `${server.address}/v1`, close: () => stopServer(server) };
}

async function engineTransport() {
    const { createEngine } = await import("../../runtime-web/target/npm/dist/crema.js");
    const engine = await createEngine(path.join(ROOT, "models/crema-tiny"), { device: "wasm", worker: false, threads: 1 });
    return { baseURL: "http://crema.local/v1", fetch: engine.fetch, close: () => engine.close() };
}

for (const [name, open] of Object.entries(TRANSPORTS)) {
    describe(name, () => {
        let transport;

        before(async () => {
            transport = await open();
        }, { timeout: 300_000 });

        after(() => transport?.close());

        withAiSdk(() => transport);
        withLangChain(() => transport);
        withOpenAi(() => transport);
    });
}

function withAiSdk(transport) {
    const crema = () => createOpenAICompatible({ name: "crema", ...transport(), includeUsage: true, supportsStructuredOutputs: true });
    const weather = (calls) => tool({
        description: "Get the weather of a city", inputSchema: jsonSchema(parameters),
        execute: async ({ city }) => {
            calls.push(city);
            return { temperature: 21 };
        },
    });

    test("ai: generateText", async () => {
        const { text, finishReason, usage } = await generateText({ model: crema()("default"), prompt: "Hello!", maxOutputTokens: 30 });
        assert.equal(text, greeting);
        assert.equal(finishReason, "stop");
        assert.equal(usage.inputTokens, 10);
        assert.ok(usage.outputTokens > 0);
    });

    test("ai: streamText", async () => {
        const result = streamText({ model: crema()("default"), prompt: "Hello!", maxOutputTokens: 30 });
        const pieces = [];
        for await (const piece of result.textStream) {
            pieces.push(piece);
        }
        assert.equal(pieces.join(""), greeting);
        assert.ok(pieces.length > 3, "it comes in pieces");
        assert.equal(await result.finishReason, "stop");
        assert.equal((await result.usage).inputTokens, 10);
    });

    test("ai: a tool that is run, whole and streamed", async () => {
        for (const run of [generateText, streamText]) {
            const calls = [];
            const result = run({ model: crema()("default"), prompt: question, tools: { get_weather: weather(calls) }, stopWhen: stepCountIs(2), maxOutputTokens: 60 });
            const steps = await (await result).steps;
            assert.deepEqual(calls, ["Paris"]);
            assert.equal(steps.length, 2);
            assert.deepEqual(steps[0].toolResults[0].output, { temperature: 21 });
            assert.ok(steps[1].text.length > 0);
        }
    });

    test("ai: embedMany", async () => {
        const { embeddings } = await embedMany({ model: crema().embeddingModel("default"), values: ["A cat", "A dog"] });
        assert.equal(embeddings.length, 2);
        assert.ok(Math.abs(Math.hypot(...embeddings[0]) - 1) < 1e-3);
    });

    test("ai: generateObject", async () => {
        const { object } = await generateObject({ model: crema()("default"), schema: Weather, prompt: question });
        assert.ok(Weather.safeParse(object).success, JSON.stringify(object));
    });

    test("ai: errors", async () => {
        await assert.rejects(generateText({ model: crema()("gpt-9"), prompt: "Hello!", maxRetries: 0 }), (error) => error.statusCode === 404 && /gpt-9/.test(error.message));
    });
}

function withLangChain(transport) {
    const connection = () => ({ apiKey: "none", maxRetries: 0, configuration: { baseURL: transport().baseURL, fetch: transport().fetch, dangerouslyAllowBrowser: true } });
    const chat = (fields) => new ChatOpenAI({ model: "default", temperature: 0, maxTokens: 60, ...connection(), ...fields });

    test("langchain: invoke", async () => {
        const reply = await chat().invoke([new HumanMessage("Hello!")]);
        assert.equal(reply.content, greeting);
        assert.equal(reply.usage_metadata.input_tokens, 10);
        const other = await chat().invoke([new SystemMessage("You are a pirate."), new HumanMessage("Hello!")]);
        assert.ok(other.content.length > 0);
    });

    test("langchain: stream", async () => {
        const pieces = [];
        for await (const chunk of await chat().stream("Hello!")) {
            pieces.push(chunk.content);
        }
        assert.equal(pieces.join(""), greeting);
        assert.ok(pieces.length > 3, "it comes in pieces");
    });

    test("langchain: a bound tool, its result and the answer", async () => {
        const getWeather = langchainTool(async () => "{\"temperature\": 21}", {
            name: "get_weather", description: "Get the weather of a city", schema: parameters,
        });
        const model = chat().bindTools([getWeather]);
        const human = new HumanMessage(question);
        const first = await model.invoke([human]);
        assert.deepEqual(first.tool_calls.map(({ name, args }) => ({ name, args })), [{ name: "get_weather", args: { city: "Paris" } }]);
        const result = await getWeather.invoke(first.tool_calls[0]);
        assert.ok(result instanceof ToolMessage);
        const second = await model.invoke([human, first, result]);
        assert.ok(second.content.length > 0);
    });

    test("langchain: structured output", async () => {
        const weather = await chat().withStructuredOutput(Weather, { method: "jsonSchema" }).invoke(question);
        assert.ok(Weather.safeParse(weather).success, JSON.stringify(weather));
    });

    test("langchain: the responses API", async () => {
        const reply = await chat({ useResponsesApi: true }).invoke("Hello!");
        assert.equal(reply.text, greeting);
    });

    test("langchain: embeddings", async () => {
        const embeddings = new OpenAIEmbeddings({ model: "default", ...connection() });
        const vector = await embeddings.embedQuery("A cat");
        assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-3);
    });
}

function withOpenAi(transport) {
    const client = () => new OpenAI({ baseURL: transport().baseURL, fetch: transport().fetch, apiKey: "none", maxRetries: 0 });

    test("openai: parse, whole and streamed", async () => {
        const request = { model: "default", messages: [{ role: "user", content: question }], response_format: zodResponseFormat(Weather, "weather") };
        const { choices: [choice] } = await client().chat.completions.parse(request);
        assert.ok(Weather.safeParse(choice.message.parsed).success, JSON.stringify(choice));
        const streamed = await client().chat.completions.stream(request).finalChatCompletion();
        assert.deepEqual(streamed.choices[0].message.parsed, choice.message.parsed);
    });

    test("openai: runTools, whole and streamed", async () => {
        for (const stream of [false, true]) {
            const calls = [];
            const runner = client().chat.completions.runTools({
                model: "default", stream, messages: [{ role: "user", content: question }], max_tokens: 60,
                tools: [{
                    type: "function",
                    function: {
                        name: "get_weather", description: "Get the weather of a city", parameters, parse: JSON.parse,
                        function: ({ city }) => {
                            calls.push(city);
                            return "{\"temperature\": 21}";
                        },
                    },
                }],
            });
            assert.ok((await runner.finalContent()).length > 0);
            assert.deepEqual(calls, ["Paris"]);
        }
    });

    test("openai: responses, whole and streamed", async () => {
        const reply = await client().responses.create({ model: "default", input: "Hello!" });
        assert.equal(reply.output_text, greeting);
        let text = "";
        for await (const event of await client().responses.create({ model: "default", input: "Hello!", stream: true })) {
            text += event.type === "response.output_text.delta" ? event.delta : "";
        }
        assert.equal(text, greeting);
    });
}
