// Chat templates rendered by engine's Jinja and by @huggingface/jinja: the texts are the same, or both refuse.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { Template } from "@huggingface/jinja";
import { conversations } from "./chat-conversations.mjs";
import { published, templates } from "./chat-templates.mjs";

const root = join(import.meta.dirname, "../..");
const classes = ["engine/target/classes", "tests/target/test-classes"].map((path) => join(root, path));
const built = classes.every((path) => existsSync(join(path, "dev/crema/chat")));
const skip = built ? false : "not built: mvn -pl tests -am test-compile";
if (!built && process.env.CI) {
    throw new Error(skip);
}

/** Where the oracle differs from Python's jinja2, which templates are written for and Crema follows. */
const oracleDiffers = [
    { reason: "lacks a filter", applies: ({ want }) => /^Unknown \w+ filter|^Cannot apply filter/.test(want.error) },
    { reason: "can't iterate over a string", applies: ({ want }) => want.error?.endsWith("in for loop: got StringValue") },
    { reason: "adds a dict to a string, which Python refuses", applies: ({ want, got }) => got.error && want.text?.includes("[object Map]") },
    { reason: "strips all white space whatever strip('...') asks for", applies: ({ source, talk }) =>
        /\.[lr]?strip\(['"]/.test(source) && talk.messages.some(({ role, content }) => role === "assistant" && content !== content.trim()) },
    { reason: "selectattr finds nothing undefined, so that roles are not checked", applies: ({ source, want, got }) =>
        source.includes("selectattr(\"tool_calls\", \"undefined\")") && want.text && got.error?.includes("must alternate") },
];

const tokens = { bos_token: "<s>", eos_token: "</s>" };
/** TemplateRunner's clock, for strftime_now. */
const now = Date.UTC(2024, 6, 26, 12);
process.env.TZ = "UTC";

/** What a template can do, by what it names. */
const uses = {
    tools: (source) => /\btools\b/.test(source),
    results: (source) => /["']tool["']|tool_calls/.test(source),
    enable_thinking: (source) => source.includes("enable_thinking") || source.includes("thinking"),
};

function expected(template, { messages, tools, variables }, prompt) {
    try {
        return { text: template.render({
            ...tokens, documents: null, ...variables, messages, tools, add_generation_prompt: prompt,
        }) };
    } catch (error) {
        return { error: error.message };
    }
}

/** A Java process that renders, one request a line. */
function renderer() {
    const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin/java") : "java";
    const child = spawn(java, ["-cp", classes.join(delimiter), "dev.crema.chat.TemplateRunner"], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
        async render(requests) {
            const answers = [];
            child.stdin.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
            for (const request of requests) {
                const { value, done } = await lines.next();
                assert.ok(!done, `the renderer ended at ${JSON.stringify(request).slice(0, 200)}`);
                answers.push(JSON.parse(value));
            }
            return answers;
        },
        close: () => child.stdin.end(),
    };
}

test("chat templates", { skip, timeout: 240_000 }, async (t) => {
    const all = templates();
    const distinct = new Set(all.map(({ source }) => source.trim()));
    assert.ok(distinct.size >= 99, `only ${distinct.size} different templates were found`);
    const names = new Set(all.map(({ name }) => name.replace(/ \(\d+\)$/, "")));
    assert.deepEqual(published.filter((name) => !names.has(name)), [], "published templates that no package has any more");
    assert.ok(published.length >= 50);
    t.mock.timers.enable({ apis: ["Date"], now });
    const java = renderer();
    t.after(() => java.close());
    let rendered = 0;
    const used = { tools: 0, enable_thinking: 0, results: 0 };
    for (const { name, source } of all) {
        await t.test(name, async () => {
            const oracle = new Template(source);
            const looksIntoParts = /(?:content|part|item)(?:\[['"]type['"]\]|\.type\b)|selectattr\(['"]type/.test(source);
            const cases = [...conversations()].filter(({ parts }) => looksIntoParts || !parts)
                .filter(({ variables }) => Object.keys(variables).every((key) => source.includes(key)))
                .flatMap((talk) => [true, false].map((prompt) => ({ ...talk, prompt })));
            const answers = await java.render(cases.map(({ messages, tools, variables, prompt }) => (
                { template: source, messages, tools, add_generation_prompt: prompt, variables: { ...tokens, ...variables } })));
            let texts = 0;
            for (const [place, talk] of cases.entries()) {
                const want = expected(oracle, talk, talk.prompt);
                const got = answers[place];
                if (oracleDiffers.some(({ applies }) => applies({ source, talk, want, got }))) {
                    continue;
                }
                const title = `${talk.title}${talk.prompt ? ", generation prompt" : ""}: ${want.error ?? ""} / ${got.error ?? ""}`;
                assert.equal(got.text, want.text, title);
                texts += want.text === undefined ? 0 : 1;
            }
            assert.ok(texts > 0, "none of the conversations was rendered and compared");
            rendered += texts;
            for (const what of Object.keys(used)) {
                used[what] += uses[what](source) ? 1 : 0;
            }
        });
    }
    assert.ok(rendered > 2000, `only ${rendered} texts were compared`);
    assert.ok(used.tools >= 30 && used.enable_thinking >= 4 && used.results >= 30, JSON.stringify(used));
    t.diagnostic(`${rendered} texts of ${distinct.size} templates are the same; ${used.tools} know tools, ${used.results} their results, ${used.enable_thinking} can be told not to think`);
});
