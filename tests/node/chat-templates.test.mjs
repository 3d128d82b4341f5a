// Chat templates rendered by engine's Jinja and by @huggingface/jinja: the texts are the same, or both refuse.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { Template } from "@huggingface/jinja";
import { conversations } from "./chat-conversations.mjs";
import { templates } from "./chat-templates.mjs";

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
    assert.ok(all.length > 90, `only ${all.length} templates were found`);
    t.mock.timers.enable({ apis: ["Date"], now });
    const java = renderer();
    t.after(() => java.close());
    let rendered = 0;
    for (const { name, source } of all) {
        await t.test(name, async () => {
            const oracle = new Template(source);
            const cases = [...conversations()].filter(({ variables }) => Object.keys(variables).every((key) => source.includes(key)))
                .flatMap((talk) => [true, false].map((prompt) => ({ ...talk, prompt })));
            const answers = await java.render(cases.map(({ messages, tools, variables, prompt }) => (
                { template: source, messages, tools, add_generation_prompt: prompt, variables: { ...tokens, ...variables } })));
            for (const [place, talk] of cases.entries()) {
                const want = expected(oracle, talk, talk.prompt);
                const got = answers[place];
                if (oracleDiffers.some(({ applies }) => applies({ source, talk, want, got }))) {
                    continue;
                }
                const title = `${talk.title}${talk.prompt ? ", generation prompt" : ""}: ${want.error ?? ""} / ${got.error ?? ""}`;
                assert.equal(got.text, want.text, title);
                rendered += want.text === undefined ? 0 : 1;
            }
        });
    }
    assert.ok(rendered > 2000, `only ${rendered} texts were compared`);
    t.diagnostic(`${rendered} texts are the same`);
});
