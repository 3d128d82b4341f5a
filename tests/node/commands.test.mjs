// The commands as processes: what other programs see of `./crema`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { text } from "node:stream/consumers";

const root = join(import.meta.dirname, "../..");
const launcher = join(root, "crema");
const timeout = 300_000;

/** Runs a command to its end. */
async function run(input, ...args) {
    const child = spawn(launcher, args, { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(input);
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return { out, err, status };
}

test("complete continues standard input", { timeout }, async () => {
    const prompt = "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n";
    assert.deepEqual(await run(prompt, "complete", "--prompt", "-"), { out: "Hello! How can I help you?", err: "", status: 0 });
    const { out } = await run("", "complete", "--prompt", prompt, "--json", "--max-tokens", "3", "--temperature", "0", "--seed", "1");
    const { text: continuation, tokens, finish_reason: reason } = JSON.parse(out);
    assert.deepEqual({ continuation, tokens, reason }, { continuation: "Hello! How", tokens: [781, 33, 534], reason: "length" });
});

test("chat answers line by line in a pipe", { timeout }, async () => {
    const { out, err, status } = await run("My name is Anna.\nWhat is my name?\n", "chat");
    assert.equal(status, 0);
    assert.equal(err, "");
    assert.match(out, /^[^\n\x1b]+\n[^\n\x1b]*Anna[^\n\x1b]*\n$/);
});

test("chat with nothing to say ends quietly", { timeout }, async () => {
    assert.deepEqual(await run("", "chat"), { out: "", err: "", status: 0 });
});

test("chat answers before the next line comes", { timeout }, async () => {
    const child = spawn(launcher, ["chat"], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout });
    for (let i = 0; i < 2; i++) {
        const answer = once(lines, "line");
        child.stdin.write("Hello!\n");
        assert.match((await answer)[0], /Hello/);
    }
    child.stdin.end();
    assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("failures end with 1, wrong usage with 2", { timeout }, async () => {
    for (const [status, ...args] of [[1, "inspect", "/no/such/model"], [2, "complete"], [2, "nonsense"], [2, "serve", "--port", "x"]]) {
        const result = await run("", ...args);
        assert.equal(result.status, status, args.join(" "));
        assert.equal(result.out, "");
        assert.match(result.err, /^crema: /);
    }
});

test("serve loads models when requests name them, and logs them", { timeout }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "crema-serve-"));
    const log = join(folder, "log");
    const tiny = join(root, "models/crema-tiny");
    const child = spawn(launcher, ["serve", "--port", "0", "--model", tiny, "--model", `other=${tiny}`, "--max-loaded", "1", "--access-log", log],
        { stdio: ["ignore", "pipe", "inherit"] });
    try {
        const [line] = await once(createInterface({ input: child.stdout }), "line");
        assert.match(line, /^Serving crema-tiny, other at /);
        const [address] = line.match(/http:\S+/);
        const states = async () => (await (await fetch(`${address}/v1/models`)).json()).data.map(({ id, status }) => `${id} ${status}`);
        assert.deepEqual(await states(), ["crema-tiny loaded", "other unloaded"]);
        const reply = await fetch(`${address}/v1/chat/completions`, {
            method: "POST", headers: { "Content-Type": "application/json", "X-Request-Id": "mine" },
            body: JSON.stringify({ model: "other", messages: [{ role: "user", content: "Hello!" }] }),
        });
        assert.equal((await reply.json()).model, "other");
        assert.equal(reply.headers.get("x-request-id"), "mine");
        assert.deepEqual(await states(), ["crema-tiny unloaded", "other loaded"]);
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        assert.deepEqual(await ended, [0, null]);
        const lines = readFileSync(log, "utf8").trim().split("\n").map((each) => JSON.parse(each));
        assert.deepEqual(lines.map(({ path, status }) => `${path} ${status}`), ["/v1/models 200", "/v1/chat/completions 200", "/v1/models 200"]);
        assert.deepEqual([lines[1].request_id, lines[1].model, lines[1].prompt_tokens], ["mine", "other", 10]);
    } finally {
        child.kill("SIGKILL");
        rmSync(folder, { recursive: true });
    }
});

test("serve prints one line, asks for its key and ends in good order", { timeout }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "crema-serve-"));
    writeFileSync(join(folder, "keys"), "secret\n");
    const child = spawn(launcher, ["serve", "--port", "0", "--api-key-file", join(folder, "keys")], { stdio: ["ignore", "pipe", "inherit"] });
    try {
        const lines = [];
        const input = createInterface({ input: child.stdout });
        input.on("line", (line) => lines.push(line));
        await Promise.race([once(input, "line"), once(child, "exit")]);
        const [address] = lines.join("\n").match(/http:\S+/);
        const body = JSON.stringify({ prompt: "Once upon a time", max_tokens: 800, temperature: 0, logit_bias: { 2046: -100, 2044: -100 } });
        const post = (key) => fetch(`${address}/v1/completions`, {
            method: "POST", body, headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
        });
        assert.equal((await post("wrong")).status, 401);

        const reply = post("secret");
        let over = false;
        reply.finally(() => (over = true));
        while (!over && (await (await fetch(`${address}/health`)).json()).running === 0) {
            await new Promise((resolve) => setTimeout(resolve, 2));
        }
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        const { usage } = await (await reply).json();
        assert.equal(usage.completion_tokens, 800, "the reply that ran was not cut off");
        assert.deepEqual(await ended, [0, null]);
        assert.equal(lines.length, 1, lines.join("\n"));
    } finally {
        child.kill("SIGKILL");
        rmSync(folder, { recursive: true });
    }
});
