// What a small application does with the package: bundlers.test.mjs builds it with each bundler, and runs it.

import { createEngine } from "crema";

window.ask = async (model, options) => {
    const engine = await createEngine(model, { cache: false, ...options });
    const question = { messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, max_tokens: 20 };
    const reply = (await engine.chat.completions.create(question)).choices[0].message.content;
    await engine.close();
    return { device: engine.info.device, reply };
};
window.ready = true;
