// `./crema bench load`: clients that stream at once from './crema serve'; what they got, and what the server keeps of it.

import { loadTest } from "./load.mjs";
import { table } from "./tables.mjs";

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export async function benchLoad(options) {
    const result = await loadTest({ clients: options.clients, seconds: options.seconds, log: (text) => console.error(`crema: ${text}`) });
    const tokens = result.clients.map((client) => client.tokens).sort((a, b) => a - b);
    const errors = [...result.clients, ...result.slow].flatMap((client) => client.errors);
    const summary = {
        clients: options.clients, seconds: result.seconds, tokens: tokens.reduce((sum, count) => sum + count, 0),
        replies: result.clients.reduce((sum, client) => sum + client.replies, 0), dropped: result.dropped, errors,
        tokensOfAClient: { least: tokens[0], median: at(tokens, 0.5), most: tokens.at(-1) },
        firstTokenMillis: { p50: at(result.firstTokenMillis, 0.5), p95: at(result.firstTokenMillis, 0.95) },
        gapMillis: { p50: at(result.gapMillis, 0.5), p99: at(result.gapMillis, 0.99) },
        before: result.before, after: result.after, exitStatus: result.exitStatus,
    };
    if (options.json) {
        console.log(JSON.stringify(summary));
    } else {
        const millis = (value) => `${value.toFixed(0)} ms`;
        console.log(table(["", ""], [["tokens/s", (summary.tokens / summary.seconds).toFixed(0)], ["replies", summary.replies], ["streams left by clients", summary.dropped],
            ["tokens of a client, least / median / most", Object.values(summary.tokensOfAClient).join(" / ")],
            ["first token, median / 95 %", Object.values(summary.firstTokenMillis).map(millis).join(" / ")],
            ["between tokens, median / 99 %", Object.values(summary.gapMillis).map(millis).join(" / ")], ["errors", errors.length]]));
        console.log(`\n${table(["idle server", "before", "after"], Object.keys(summary.before).map((key) => [key, summary.before[key], summary.after[key]]))}`);
        errors.slice(0, 10).forEach((error) => console.log(error));
    }
    if (errors.length > 0) {
        process.exitCode = 1;
    }
}
