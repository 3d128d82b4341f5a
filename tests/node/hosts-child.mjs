// What hosts.test.mjs runs: loads the model that is named, asks it, prints the device and the reply or the error, and closes the engine.

import process from "node:process";
import { createEngine } from "../../runtime-web/target/npm/dist/crema.js";

const [, , source, options] = process.argv;
try {
    const engine = await createEngine(source, JSON.parse(options));
    const question = { messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, max_tokens: 20 };
    let reply = "";
    for await (const chunk of engine.chat.completions.create({ ...question, stream: true })) {
        reply += chunk.choices[0]?.delta.content ?? "";
    }
    await engine.close();
    console.log(JSON.stringify({ device: engine.info.device, reply }));
} catch ({ code, message, hint }) {
    console.log(JSON.stringify({ error: { code, message, hint } }));
}
