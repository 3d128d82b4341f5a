// Requests that are answered late, or not at all: they end, and their connections with them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, beforeEach, test } from "node:test";
import { STALL_MILLIS, requestFrom } from "../../runtime-web/src/main/js/http-range.js";

let server;
let url;

beforeEach(async () => {
    server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${server.address().port}/file`;
});

afterEach(() => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
}));

/** The request that the server got, which it leaves unanswered, and whether its connection has ended. */
async function unanswered() {
    const [, response] = await once(server, "request");
    return { response, ended: once(response, "close") };
}

test("a request that is not answered in time ends, and so does its connection", { timeout: 60_000 }, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const request = requestFrom(url, 0, new AbortController().signal);
    const failed = assert.rejects(request, { message: `${url} did not answer for ${STALL_MILLIS / 1000} seconds` });
    const { response, ended } = await unanswered();
    t.mock.timers.tick(STALL_MILLIS - 1);
    assert.equal(response.destroyed, false);
    t.mock.timers.tick(1);
    await failed;
    await ended;
});

test("who asked can end a request before its answer and after it", { timeout: 60_000 }, async () => {
    const reason = new Error("enough");
    for (const answered of [false, true]) {
        const stop = new AbortController();
        const request = requestFrom(url, 0, stop.signal);
        request.catch(() => { /* looked at below */ });
        const { response, ended } = await unanswered();
        if (answered) {
            response.writeHead(200, { "content-length": 10 }).write("12345");
            const { body } = await request;
            assert.equal((await body.read()).length, 5);
            const rest = assert.rejects(body.read(), reason);
            stop.abort(reason);
            await rest;
        } else {
            stop.abort(reason);
            await assert.rejects(request, reason);
        }
        await ended;
    }
});

test("an answer in time is read however long it takes", { timeout: 60_000 }, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const request = requestFrom(url, 2, new AbortController().signal);
    const { response } = await unanswered();
    response.writeHead(206, { "content-range": "bytes 2-9/10", "content-length": 8 }).write("2345");
    const { body, from, total } = await request;
    assert.deepEqual([from, total], [2, 10]);
    assert.equal((await body.read()).length, 4);
    t.mock.timers.tick(2 * STALL_MILLIS);
    response.end("6789");
    assert.equal((await body.read()).length, 4);
    assert.equal(await body.read(), null);
});
