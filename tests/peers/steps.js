// One engine that measures when it is told to, as `crema measure` does on the JVM. Its public API alone is used, so a prompt's time has the first token in it.

const SHORT_PROMPT = 8;
let engine;
let vocabulary;
let turns = 0;

/** Loads a model: { name, loadMillis }. */
export async function start(name, model, { vocabulary: size, ...options }) {
    const { open } = await import(`./engine-${name}.js`);
    const began = performance.now();
    engine = await open(model, options);
    vocabulary = size;
    return { name: engine.backend(), loadMillis: performance.now() - began };
}

/** "prefill" and "first" take in a prompt of so many tokens, "decode" makes so many: { tokens, millis }. */
export async function step(kind, tokens) {
    if (kind !== "decode") {
        const { read, millis } = await timed(prompt(tokens), 1);
        return { tokens: read, millis };
    }
    const ids = prompt(SHORT_PROMPT);
    // Some engines keep the prompt's cache: all of them have it then.
    await timed(ids, 1);
    const short = await timed(ids, 1);
    const long = await timed(ids, 1 + tokens);
    return { tokens, millis: Math.max(long.millis - short.millis, 0.001) };
}

async function timed(ids, tokens) {
    const began = performance.now();
    const { read, made } = await engine.generate(ids, tokens);
    const millis = performance.now() - began;
    if (made !== tokens) {
        throw new Error(`${tokens} tokens were asked for, ${made} came`);
    }
    return { read, millis };
}

/** Another one each time, from its first token on: no cache of an earlier prompt may help. */
function prompt(tokens) {
    turns++;
    return Array.from({ length: tokens }, (_, i) => 300 + (i + turns) * 7919 % (vocabulary - 300));
}
