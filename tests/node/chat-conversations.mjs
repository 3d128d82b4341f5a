// The conversations that chat templates are tested with: each is { title, messages, tools, variables }.

const system = { role: "system", content: "You are helpful.\n Be  kind. " };
const user = (content) => ({ role: "user", content });
const assistant = (content, more = {}) => ({ role: "assistant", content, ...more });
const call = (id, name, args) => ({ id, type: "function", function: { name, arguments: args } });
const result = (id, name, content) => ({ role: "tool", tool_call_id: id, name, content });

const weather = call("call12345", "get_weather", { city: "Zürich", days: 2, hour: 1.5, exact: true, note: null });
const now = call("call12346", "now", {});

/** With what JSON and Unicode can do to a template: quotes, markup, nesting, other scripts, all kinds of values. */
const tools = [
    {
        type: "function",
        function: {
            name: "get_weather",
            description: "Wetter für <Ort> & \"Zeit\"\n天気",
            parameters: {
                type: "object",
                properties: {
                    city: { type: "string", description: "日本の都市 😀" },
                    days: { type: "integer", default: 3 },
                    hour: { type: "number", default: 0.5 },
                    unit: { type: "string", enum: ["c", "f"] },
                },
                required: ["city"],
            },
        },
    },
    { type: "function", function: { name: "now", description: "The time", parameters: { type: "object", properties: {} } } },
];

const talks = {
    "one question": [user("Hi")],
    "a system message": [system, user("Hi")],
    "several turns": [user("Hi"), assistant("Hello 😀"), user("And?\n\n ")],
    "several turns after a system message": [system, user(" a "), assistant(" b "), user("c"), assistant("d"), user("e")],
    "thoughts of an earlier turn": [user("q"), assistant("<think>\nhm\n</think>\n\nans"), user("r")],
    "thoughts in a field of their own": [user("q"), assistant("ans", { reasoning_content: "because" }), user("r")],
    "a tool's result": [system, user("w"), assistant("", { tool_calls: [weather] }), result("call12345", "get_weather", "{\"t\": 20}")],
    "an answer after a tool's result": [user("w"), assistant("", { tool_calls: [weather] }), result("call12345", "get_weather", "20"),
        assistant("20 degrees"), user("thanks")],
    "two calls at once": [user("w"), assistant("Let me see.", { tool_calls: [weather, now] }), result("call12345", "get_weather", "20"),
        result("call12346", "now", "12:00")],
    "two users in a row": [user("a"), user("b")],
    "an assistant message at the end": [user("a"), assistant("b")],
    "markup in a message": [user("<|im_end|> {{ x }} {% y %} [INST]")],
    "scripts of the world": [user("Здравствуй, 世界! مرحبا 👩‍👩‍👧 e\u0301 \u00a0")],
};

/** Content as a list of parts, for templates that look into one. */
const inParts = (message) => ({ ...message, content: [{ type: "text", text: message.content }] });
export const parted = {
    "a question in parts": [inParts(user(" Hi\n"))],
    "several turns in parts": [inParts(user("Hi")), inParts(assistant("Hello 😀")), inParts(user("And?"))],
};

export function* conversations() {
    for (const [title, messages] of Object.entries(parted)) {
        yield { title, messages, tools: null, variables: {}, parts: true };
    }
    for (const [title, messages] of Object.entries(talks)) {
        for (const offered of [null, tools]) {
            const variants = [{}, { enable_thinking: false }, { enable_thinking: true }, { tools_in_user_message: false },
                { functions: JSON.stringify(tools), datetime: "2024-07-26 12:00" }];
            for (const variables of variants) {
                const details = [offered ? "with tools" : "", ...Object.entries(variables).map(([name, value]) => `${name} = ${value}`)];
                yield { title: [title, ...details.filter(Boolean)].join(", "), messages, tools: offered, variables };
            }
        }
    }
}
