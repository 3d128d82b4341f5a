// The openai package, unmodified, against './crema serve' with the embedded model.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import OpenAI from "openai";

const root = join(import.meta.dirname, "../..");
const hello = [{ role: "user", content: "Hello!" }];
const tools = [{
    type: "function",
    function: {
        name: "get_weather", description: "Get the weather of a city",
        parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
}];
let server;
let client;

/** Starts the server and reads its address from the line that it prints. */
async function start() {
    server = spawn(join(root, "crema"), ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: server.stdout })) {
        const address = line.match(/http:\/\/[^\s/]+/);
        if (address) {
            return address[0];
        }
    }
    throw new Error("the server printed no address");
}

before(async () => {
    client = new OpenAI({ baseURL: `${await start()}/v1`, apiKey: "none", maxRetries: 0 });
}, { timeout: 300_000 });

after(() => server?.kill());

async function chunksOf(request) {
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
        chunks.push(chunk);
    }
    return chunks;
}

const textOf = (chunks, index = 0) => chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index)
    .map(({ delta }) => delta.content ?? "").join("");

test("a reply, and the same as a stream", async () => {
    const request = { model: "default", messages: hello, max_tokens: 30 };
    const reply = await client.chat.completions.create(request);
    assert.equal(reply.object, "chat.completion");
    assert.equal(reply.choices[0].message.content, "Hello! How can I help you?");
    assert.equal(reply.choices[0].finish_reason, "stop");
    assert.equal(reply.usage.total_tokens, reply.usage.prompt_tokens + reply.usage.completion_tokens);
    assert.ok(Math.abs(reply.created - Date.now() / 1000) < 600, "created is in seconds");

    const chunks = await chunksOf({ ...request, stream_options: { include_usage: true } });
    assert.equal(textOf(chunks), reply.choices[0].message.content);
    assert.deepEqual(chunks.map(({ choices }) => choices[0]?.delta.role).filter(Boolean), ["assistant"], "the role comes once");
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1, "one id a stream");
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(chunks.at(-1).usage.completion_tokens, reply.usage.completion_tokens);
    assert.equal(chunks.at(-2).choices[0].finish_reason, "stop");
});

test("the client's own stream helper puts chunks together", async () => {
    const stream = client.chat.completions.stream({ model: "default", messages: hello, n: 2, seed: 7, temperature: 0.5, max_tokens: 20 });
    const completion = await stream.finalChatCompletion();
    assert.equal(completion.choices.length, 2);
    for (const { message, finish_reason: reason } of completion.choices) {
        assert.ok(message.content.length > 0);
        assert.ok(["stop", "length"].includes(reason));
    }
});

test("logprobs", async () => {
    const request = { model: "default", messages: hello, logprobs: true, top_logprobs: 3, max_tokens: 5 };
    const { choices: [choice] } = await client.chat.completions.create(request);
    assert.equal(choice.logprobs.content.map(({ token }) => token).join(""), choice.message.content);
    for (const { logprob, top_logprobs: top } of choice.logprobs.content) {
        assert.ok(logprob <= 0);
        assert.equal(top.length, 3);
    }
});

test("a tool call, its result and the answer", async () => {
    const messages = [{ role: "user", content: "What is the weather in Paris?" }];
    const { choices: [choice] } = await client.chat.completions.create({ model: "default", messages, tools });
    assert.equal(choice.finish_reason, "tool_calls", JSON.stringify(choice));
    assert.equal(choice.message.content, null);
    const [call] = choice.message.tool_calls;
    assert.match(call.id, /^call_/);
    assert.equal(call.function.name, "get_weather");
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Paris" });

    const chunks = await chunksOf({ model: "default", messages, tools });
    assert.ok(!textOf(chunks).includes("<"), "no markup in the content");
    const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    assert.equal(deltas.filter(({ id }) => id).length, 1, "the id comes once");
    assert.equal(deltas.map((delta) => delta.function.arguments ?? "").join(""), call.function.arguments);

    const more = [...messages, choice.message, { role: "tool", tool_call_id: call.id, content: "{\"temperature\": 21}" }];
    const answer = await client.chat.completions.create({ model: "default", messages: more, tools, max_tokens: 60 });
    assert.ok(answer.choices[0].message.content.length > 0, JSON.stringify(answer));
});

test("a call that the request asks for", async () => {
    const two = [...tools, { type: "function", function: { name: "get_time", parameters: { type: "object", properties: { zone: { enum: ["UTC", "CET"] } }, required: ["zone"] } } }];
    for (const choice of ["required", { type: "function", function: { name: "get_time" } }]) {
        const request = { model: "default", messages: hello, tools: two, tool_choice: choice, parallel_tool_calls: false, temperature: 0, max_tokens: 100 };
        const { message, finish_reason: reason } = (await client.chat.completions.create(request)).choices[0];
        assert.equal(reason, "tool_calls");
        assert.equal(message.tool_calls.length, 1);
        const { name, arguments: text } = message.tool_calls[0].function;
        if (choice === "required") {
            assert.ok(["get_weather", "get_time"].includes(name), name);
        } else {
            assert.equal(name, "get_time");
            assert.ok(["UTC", "CET"].includes(JSON.parse(text).zone), text);
        }
        const streamed = await client.chat.completions.stream(request).finalMessage();
        assert.equal(streamed.tool_calls[0].function.name, name);
        assert.equal(streamed.tool_calls[0].function.arguments, text);
    }
});

test("raw completions", async () => {
    const reply = await client.completions.create({ model: "default", prompt: ["Hello", "Once"], max_tokens: 4, echo: true });
    assert.equal(reply.object, "text_completion");
    assert.ok(reply.choices[0].text.startsWith("Hello") && reply.choices[1].text.startsWith("Once"));
});

test("models", async () => {
    const ids = [];
    for await (const { id } of client.models.list()) {
        ids.push(id);
    }
    assert.equal(ids.length, 1);
    assert.equal((await client.models.retrieve(ids[0])).id, ids[0]);
});

test("errors are the client's own", async () => {
    const create = (fields) => client.chat.completions.create({ model: "default", messages: hello, ...fields });
    await assert.rejects(create({ temperature: 3 }), (error) => error instanceof OpenAI.BadRequestError && error.param === "temperature");
    await assert.rejects(create({ model: "gpt-4o" }), (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found");
    await assert.rejects(create({ messages: [{ role: "user", content: "long ".repeat(5000) }] }), { code: "context_length_exceeded" });
});

test("leaving a stream early, and aborting one", async () => {
    const endless = { model: "default", messages: hello, max_tokens: 500, temperature: 1.5, logit_bias: { 2046: -100, 2044: -100 } };
    for await (const chunk of await client.chat.completions.create({ ...endless, stream: true })) {
        assert.ok(chunk.id);
        break;
    }
    const controller = new AbortController();
    const stream = await client.chat.completions.create({ ...endless, stream: true }, { signal: controller.signal });
    let count = 0;
    for await (const chunk of stream) {
        count += chunk.choices.length;
        if (count === 3) {
            controller.abort();
        }
    }
    assert.ok(count < 400, "the stream ended early");
    const reply = await client.chat.completions.create({ model: "default", messages: hello, max_tokens: 3 });
    assert.equal(reply.choices[0].finish_reason, "length");
});

test("embeddings", async () => {
    const input = ["Hello!", "What is the capital of France?"];
    // The client asks for base64 and decodes it unless told otherwise.
    const { data, usage } = await client.embeddings.create({ model: "default", input });
    const plain = await client.embeddings.create({ model: "default", input, encoding_format: "float" });
    assert.equal(data.length, 2);
    assert.ok(usage.prompt_tokens > 0);
    for (const [i, { embedding, index }] of data.entries()) {
        assert.equal(index, i);
        assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5);
        assert.deepEqual(embedding.map(Math.fround), plain.data[i].embedding.map(Math.fround));
    }
    const short = await client.embeddings.create({ model: "default", input: "Hello!", dimensions: 8, encoding_format: "float" });
    assert.equal(short.data[0].embedding.length, 8);
});

test("a response, and the same as events", async () => {
    const request = { model: "default", input: "Hello!", max_output_tokens: 30 };
    const response = await client.responses.create(request);
    assert.equal(response.output_text, "Hello! How can I help you?");
    assert.equal(response.status, "completed");
    assert.equal(response.usage.total_tokens, response.usage.input_tokens + response.usage.output_tokens);
    const events = [];
    for await (const event of await client.responses.create({ ...request, stream: true })) {
        events.push(event);
    }
    assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, i) => i));
    assert.equal(events[0].type, "response.created");
    assert.equal(events.at(-1).type, "response.completed");
    assert.equal(events.filter(({ type }) => type === "response.output_text.delta").map(({ delta }) => delta).join(""), response.output_text);
    const final = await client.responses.stream(request).finalResponse();
    assert.equal(final.output_text, response.output_text);
});

test("a conversation goes on with the items of the response before", async () => {
    const question = { role: "user", content: "Hello!" };
    const first = await client.responses.create({ model: "default", input: [question] });
    const second = await client.responses.create({ model: "default", input: [question, ...first.output, { role: "user", content: "Thanks!" }] });
    assert.equal(second.status, "completed");
    await assert.rejects(client.responses.create({ model: "default", input: "Hi", previous_response_id: first.id }),
        ({ status, param }) => status === 400 && param === "previous_response_id");
});
