// What the Prompt API is given, as the engine's requests have it. What is wrong with it is a TypeError or a DOMException, as in browsers.

const ROLES = ["system", "user", "assistant"];
/** Temperatures of the words for them. */
const SAMPLING_MODES = { "most-predictable": 0, predictable: 0.4, balanced: undefined, creative: 1.1, "most-creative": 1.4 };

/** `{ temperature, topK, fields, tools }`; `fields` go into each request, and what is not given is the model's own. */
export function readOptions({ temperature, topK, samplingMode, tools = [] }, { maxTemperature, maxTopK }) {
    if (samplingMode !== undefined && !Object.hasOwn(SAMPLING_MODES, samplingMode)) {
        throw new TypeError(`There is no samplingMode "${samplingMode}": it is one of ${Object.keys(SAMPLING_MODES).join(", ")}.`);
    }
    if (temperature !== undefined && !(temperature >= 0)) {
        throw new RangeError(`temperature is ${temperature}, it has to be at least 0.`);
    }
    if (topK !== undefined && !(topK >= 1)) {
        throw new RangeError(`topK is ${topK}, it has to be at least 1.`);
    }
    const heat = temperature === undefined ? SAMPLING_MODES[samplingMode] : Math.min(temperature, maxTemperature);
    const fields = { ...(heat === undefined ? {} : { temperature: heat }), ...(topK === undefined ? {} : { top_k: Math.min(Math.floor(topK), maxTopK) }) };
    return { temperature: fields.temperature, topK: fields.top_k, fields, tools: readTools(tools) };
}

function readTools(tools) {
    return new Map(tools.map(({ name, description, inputSchema, execute }) => {
        if (typeof name !== "string" || typeof execute !== "function") {
            throw new TypeError("A tool needs a name and the function execute.");
        }
        return [name, { execute, definition: { type: "function", function: { name, description, parameters: inputSchema } } }];
    }));
}

/** Messages of a text or of the API's prompts. A system message is the first of `initialPrompts` or nowhere. */
export function readMessages(input, { initial = false } = {}) {
    if (typeof input === "string") {
        return [{ role: "user", content: input }];
    }
    if (!Array.isArray(input)) {
        throw new TypeError("A prompt is a text or an array of { role, content }.");
    }
    return input.map((prompt, i) => readMessage(prompt, i, initial, i === input.length - 1));
}

function readMessage({ role = "user", content, prefix = false }, index, initial, last) {
    if (!ROLES.includes(role)) {
        throw new TypeError(`There is no role "${role}": it is one of ${ROLES.join(", ")}.`);
    }
    if (role === "system" && !(initial && index === 0)) {
        throw new TypeError("A system prompt can only be the first of initialPrompts.");
    }
    if (prefix && (role !== "assistant" || !last || initial)) {
        throw new DOMException("prefix is for the last message of a prompt, of the role assistant.", "SyntaxError");
    }
    return { role, content: readContent(content), ...(prefix ? { prefix: true } : {}) };
}

function readContent(content) {
    if (typeof content === "string") {
        return content;
    }
    if (!Array.isArray(content)) {
        throw new TypeError("A message's content is a text or an array of { type, value }.");
    }
    return content.map(({ type, value }) => {
        if (type !== "text") {
            throw new DOMException(`This model can't read a part of type ${type}.`, "NotSupportedError");
        }
        return String(value);
    }).join("\n");
}

/** The request's field for `responseConstraint`: a JSON schema, or a regular expression. */
export function readConstraint(constraint) {
    if (constraint === undefined || constraint === null) {
        return {};
    }
    if (constraint instanceof RegExp) {
        return { regex: constraint.source };
    }
    return { response_format: { type: "json_schema", json_schema: { name: "response", schema: constraint, strict: true } } };
}
