// crema-tiny's goldens, as the API would say them.

import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./static-server.mjs";

const folder = path.join(ROOT, "models/crema-tiny");
const file = JSON.parse(readFileSync(path.join(folder, "GOLDENS.json"), "utf8"));

/** Cases `{ messages, tools, text, ids, greedy_ids, stop_index, ... }`; messages in OpenAI's form, where arguments are JSON text. */
export const goldens = file.prompts.map((golden) => ({ ...golden, messages: golden.messages && golden.messages.map(inOpenAiForm) }));

function inOpenAiForm(message) {
    if (message.role === "tool") {
        return { tool_call_id: "call_0", ...message };
    }
    return !message.tool_calls ? message : {
        ...message,
        tool_calls: message.tool_calls.map((call, index) => ({
            id: `call_${index}`, type: "function", function: { name: call.function.name, arguments: JSON.stringify(call.function.arguments) },
        })),
    };
}

/** What askGolden of engine.test.mjs must give: the bytes of each token before the end token, or the whole text of a raw continuation. */
export function goldenTokens({ messages, greedy_ids: ids, greedy_text: text, stop_index: stop }) {
    return messages ? ids.slice(0, stop ?? ids.length).map(tokenBytes) : { text };
}

const vocabulary = new Map(Object.entries(JSON.parse(readFileSync(path.join(folder, "tokenizer.json"), "utf8")).model.vocab).map(([piece, id]) => [id, piece]));
const alphabet = byteAlphabet();

function tokenBytes(id) {
    return Array.from(vocabulary.get(id), (character) => alphabet.get(character));
}

/** GPT-2's characters for bytes: printable Latin-1 stands for itself, the rest follow from U+0100 on. */
function byteAlphabet() {
    const bytes = new Map();
    let next = 256;
    for (let byte = 0; byte < 256; byte++) {
        const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
        bytes.set(String.fromCharCode(printable ? byte : next++), byte);
    }
    return bytes;
}
