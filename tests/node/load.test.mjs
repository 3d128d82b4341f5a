// A short load on './crema serve': clients that stream at once beside slow, stalled and leaving ones. `./crema bench load` is the long form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadTest } from "../perf/load.mjs";

test("64 clients stream at once beside slow, stalled and leaving ones; nothing is left of it", { timeout: 300_000 }, async () => {
    const { clients, slow, dropped, before, after, exitStatus } = await loadTest({ clients: 64, seconds: 8, maxTokens: 40 });
    assert.deepEqual([...clients, ...slow].flatMap((client) => client.errors), []);
    const tokens = clients.map((client) => client.tokens).sort((a, b) => a - b);
    assert.ok(tokens[0] > 0 && tokens[0] * 3 >= tokens.at(-1), `fair progress: ${tokens}`);
    assert.ok(slow.every((client) => client.replies > 0), "slow readers get their replies");
    assert.ok(dropped > 0);
    const told = JSON.stringify({ before, after });
    assert.deepEqual([after.kvPages, after.requests], [0, 0], told);
    assert.ok(after.threads <= before.threads + 2, told);
    assert.ok(after.files <= before.files + 4, told);
    assert.ok(after.heapBytes <= before.heapBytes + (8 << 20), told);
    assert.equal(exitStatus, 0);
});
