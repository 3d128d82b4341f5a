// The page of csp.test.mjs: a policy without 'unsafe-inline' wants its script in a file.

import { createEngine } from "/crema/crema.js";

try {
    window.evalResult = String(new Function("return 1")());
} catch (error) {
    window.evalResult = error.name;
}

window.ask = async (options) => {
    const engine = await createEngine("/models/crema-tiny/", { cache: false, ...options });
    const question = { messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, max_tokens: 20 };
    const reply = (await engine.chat.completions.create(question)).choices[0].message.content;
    await engine.close();
    return { device: engine.info.device, reply };
};
window.ready = true;
