// Many clients that stream at once, beside some that read slowly, not at all, or leave in the middle.

import http from "node:http";
import net from "node:net";
import { footprint, startServer, stopServer } from "./load-server.mjs";

const END_TOKENS = { 2046: -100, 2044: -100 };

/**
 * Loads a server of the embedded model for `seconds` and gives what came of it: `clients` with tokens, replies and errors of each, `latencies` in
 * milliseconds, and the server's `before` and `after`.
 */
export async function loadTest({ clients = 64, seconds = 120, slow = 4, dropping = 4, stalled = 2, maxTokens = 100, log = () => { } }) {
    const server = await startServer(["--parallel", String(clients), "--stall-timeout", "2s"]);
    try {
        log("warming up");
        await run(server, { clients, seconds: Math.min(5, seconds / 2), slow, dropping, stalled, maxTokens });
        const before = await footprint(server);
        log(`${clients} clients for ${seconds} s`);
        const result = await run(server, { clients, seconds, slow, dropping, stalled, maxTokens });
        const after = await footprint(server);
        return { ...result, before, after, exitStatus: await stopServer(server) };
    } finally {
        server.child.kill("SIGKILL");
    }
}

async function run({ address }, { clients, seconds, slow, dropping, stalled, maxTokens }) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
    const begun = performance.now();
    const test = { address, agent, maxTokens, end: begun + seconds * 1000, firstTokenMillis: [], gapMillis: [] };
    const all = (count, client) => Promise.all(Array.from({ length: count }, (_, index) => client(test, index)));
    const [streaming, slowOnes, dropped] = await Promise.all([
        all(clients, streamingClient), all(slow, slowClient), all(dropping, droppingClient), all(stalled, stalledClient)]);
    agent.destroy();
    return {
        clients: streaming, slow: slowOnes, dropped: dropped.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - begun) / 1000,
        firstTokenMillis: test.firstTokenMillis.sort((a, b) => a - b), gapMillis: test.gapMillis.sort((a, b) => a - b),
    };
}

function requestOf({ maxTokens }, index, round) {
    return {
        model: "default", prompt: `Client ${index} asks for story ${round}: once upon a time`, max_tokens: maxTokens, temperature: 1, seed: index * 1000 + round,
        logit_bias: END_TOKENS, stream: true, stream_options: { include_usage: true },
    };
}

/** Sends a request; the response once its head is there. */
function post({ address, agent }, body) {
    return new Promise((resolve, reject) => {
        const request = http.request(`${address}/v1/completions`, { method: "POST", agent, headers: { "Content-Type": "application/json" } }, resolve);
        request.on("error", reject);
        request.end(JSON.stringify(body));
    });
}

/** The data of each event as it comes. */
async function* events(response, pauseMillis = 0) {
    let rest = "";
    response.setEncoding("utf8");
    for await (const text of response) {
        const parts = (rest + text).split("\n\n");
        rest = parts.pop();
        for (const part of parts.filter((each) => each.startsWith("data: "))) {
            yield part.slice(6);
        }
        if (pauseMillis > 0) {
            await new Promise((resolve) => setTimeout(resolve, pauseMillis));
        }
    }
    if (rest !== "") {
        throw new Error(`the stream ends in the middle of an event: ${rest}`);
    }
}

/** Reads one reply; the number of its tokens. Throws where anything about it is wrong. */
async function readReply(test, index, round, pauseMillis) {
    const sent = performance.now();
    const response = await post(test, requestOf(test, index, round));
    let last = 0;
    let tokens = null;
    let id = null;
    let over = false;
    for await (const data of events(response, pauseMillis)) {
        if (response.statusCode !== 200 || over) {
            throw new Error(`status ${response.statusCode}: ${data}`);
        }
        if (data === "[DONE]") {
            over = true;
            continue;
        }
        const chunk = JSON.parse(data);
        if (chunk.error || id !== null && chunk.id !== id) {
            throw new Error(`a chunk of ${id} is ${data}`);
        }
        id = chunk.id;
        tokens = chunk.usage?.completion_tokens ?? tokens;
        const now = performance.now();
        if (pauseMillis === 0) {
            (last === 0 ? test.firstTokenMillis : test.gapMillis).push(now - (last || sent));
        }
        last = now;
    }
    if (!over || tokens !== test.maxTokens) {
        throw new Error(`status ${response.statusCode}: the stream had ${tokens} of ${test.maxTokens} tokens${over ? "" : " and no end"}`);
    }
    return tokens;
}

async function streamingClient(test, index, pauseMillis = 0) {
    const client = { tokens: 0, replies: 0, errors: [] };
    for (let round = 0; performance.now() < test.end && client.errors.length < 5; round++) {
        try {
            client.tokens += await readReply(test, index, round, pauseMillis);
            client.replies++;
        } catch (error) {
            client.errors.push(error.message);
        }
    }
    return client;
}

/** Waits a moment after each piece that it reads. */
const slowClient = (test, index) => streamingClient(test, 10_000 + index, 20);

/** Leaves in the middle of each stream; how often it did. */
async function droppingClient(test, index) {
    let count = 0;
    for (; performance.now() < test.end; count++) {
        const response = await post({ ...test, agent: undefined }, requestOf(test, 20_000 + index, count));
        response.on("error", () => { });
        let left = 1 + count % 7;
        for await (const _ of response) {
            if (--left === 0) {
                break;
            }
        }
        response.destroy();
    }
    return count;
}

/** Asks for much and never reads, until the end. */
async function stalledClient(test, index) {
    const { hostname, port } = new URL(test.address);
    const socket = net.connect(Number(port), hostname);
    socket.pause();
    socket.on("error", () => { });
    const body = JSON.stringify({ ...requestOf(test, 30_000 + index, 0), n: 4, logprobs: 5, max_tokens: 700 });
    socket.write(`POST /v1/completions HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, test.end - performance.now())));
    socket.destroy();
}
