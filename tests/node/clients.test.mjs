// The packages that applications use, unmodified, against './crema serve' with the embedded model: ai with @ai-sdk/openai-compatible, and @langchain/openai.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embedMany, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { startServer, stopServer } from "../perf/load-server.mjs";

const greeting = "Hello! How can I help you?";
/** As the embedded model has learnt tools: another schema of the same meaning is none that it knows. */
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const question = "What is the weather in Paris?";
let server;
let baseURL;

before(async () => {
    server = await startServer([]);
    baseURL = `${server.address}/v1`;
}, { timeout: 300_000 });

after(() => server && stopServer(server));

describe("ai with @ai-sdk/openai-compatible", () => {
    const crema = () => createOpenAICompatible({ name: "crema", baseURL, includeUsage: true });
    const weather = (calls) => tool({
        description: "Get the weather of a city", inputSchema: jsonSchema(parameters),
        execute: async ({ city }) => {
            calls.push(city);
            return { temperature: 21 };
        },
    });

    test("generateText", async () => {
        const { text, finishReason, usage } = await generateText({ model: crema()("default"), prompt: "Hello!", maxOutputTokens: 30 });
        assert.equal(text, greeting);
        assert.equal(finishReason, "stop");
        assert.equal(usage.inputTokens, 10);
        assert.ok(usage.outputTokens > 0);
    });

    test("streamText", async () => {
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

    test("a tool that is run, whole and streamed", async () => {
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

    test("embedMany", async () => {
        const { embeddings } = await embedMany({ model: crema().embeddingModel("default"), values: ["A cat", "A dog"] });
        assert.equal(embeddings.length, 2);
        assert.ok(Math.abs(Math.hypot(...embeddings[0]) - 1) < 1e-3);
    });

    test("errors", async () => {
        await assert.rejects(generateText({ model: crema()("gpt-9"), prompt: "Hello!", maxRetries: 0 }), (error) => error.statusCode === 404 && /gpt-9/.test(error.message));
    });
});

describe("@langchain/openai", () => {
    const chat = (fields) => new ChatOpenAI({ model: "default", apiKey: "none", temperature: 0, maxTokens: 60, maxRetries: 0, configuration: { baseURL }, ...fields });

    test("invoke", async () => {
        const reply = await chat().invoke([new HumanMessage("Hello!")]);
        assert.equal(reply.content, greeting);
        assert.equal(reply.usage_metadata.input_tokens, 10);
        const other = await chat().invoke([new SystemMessage("You are a pirate."), new HumanMessage("Hello!")]);
        assert.ok(other.content.length > 0);
    });

    test("stream", async () => {
        const pieces = [];
        for await (const chunk of await chat().stream("Hello!")) {
            pieces.push(chunk.content);
        }
        assert.equal(pieces.join(""), greeting);
        assert.ok(pieces.length > 3, "it comes in pieces");
    });

    test("a bound tool, its result and the answer", async () => {
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

    test("the responses API", async () => {
        const reply = await chat({ useResponsesApi: true }).invoke("Hello!");
        assert.equal(reply.text, greeting);
    });

    test("embeddings", async () => {
        const embeddings = new OpenAIEmbeddings({ model: "default", apiKey: "none", maxRetries: 0, configuration: { baseURL } });
        const vector = await embeddings.embedQuery("A cat");
        assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-3);
    });
});
