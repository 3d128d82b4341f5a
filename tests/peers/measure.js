// One engine on one model, measured the same way whichever it is. The page and its workers are watched (watch-everywhere.js).

import { counts } from "./counts.js";

/**
 * Loads `name`'s engine and lets it continue a prompt of `prompt` random tokens by `tokens` more than one, greedily. What a token costs is what the
 * longer reply took more than one of a single token: { loadMillis, prefillPerSecond, decodePerSecond, counters, backend }.
 */
export async function measure(name, { model, vocabulary, prompt, tokens }) {
    const { open } = await import(`./engine-${name}.js`);
    const began = performance.now();
    const engine = await open(model, { device: "webgpu", contextLength: 2048 });
    const loadMillis = performance.now() - began;
    const ids = Array.from({ length: prompt }, (_, i) => 300 + i * 7919 % (vocabulary - 300));
    // Shaders are made when they are first used, and some engines keep the prompt's cache: both belong to no token.
    await engine.generate(ids.toReversed(), 2);
    const first = await timed(engine, ids, 1);
    const short = await timed(engine, ids, 1);
    const long = await timed(engine, ids, 1 + tokens);
    const names = Object.keys(long.counts);
    return {
        loadMillis: Math.round(loadMillis), backend: await engine.backend(), prompt, tokens,
        prefillPerSecond: prompt / first.millis * 1000, decodePerSecond: tokens / (long.millis - short.millis) * 1000,
        counters: Object.fromEntries(names.map((each) => [each, Math.round((long.counts[each] - short.counts[each]) / tokens * 100) / 100])),
    };
}

async function timed(engine, ids, tokens) {
    const before = await counts();
    const began = performance.now();
    const { made } = await engine.generate(ids, tokens);
    const millis = performance.now() - began;
    if (made !== tokens) {
        throw new Error(`${tokens} tokens were asked for, ${made} came`);
    }
    const after = await counts();
    return { millis, counts: Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]])) };
}
