// What a small application does with the package: bundlers.test.mjs builds it with each bundler, and runs it.

import { createEngine } from "crema";
import { languageModel } from "crema/language-model";
import { CreateMLCEngine } from "crema/web-llm";

window.ask = async (model, options) => {
    const engine = await createEngine(model, { cache: false, ...options });
    const question = { messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, max_tokens: 20 };
    const reply = (await engine.chat.completions.create(question)).choices[0].message.content;
    await engine.close();
    return { device: engine.info.device, reply };
};
window.askWebLlm = async (model) => {
    const engine = await CreateMLCEngine("tiny", { appConfig: { model_list: [{ model, model_id: "tiny" }] } });
    const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, max_tokens: 20 });
    await engine.unload();
    return reply.choices[0].message.content;
};

window.askLanguageModel = async (model) => {
    const LanguageModel = languageModel(model, { cache: false, device: "wasm" });
    const session = await LanguageModel.create({ temperature: 0, topK: 1 });
    const reply = await session.prompt("What is the opposite of hot?");
    await LanguageModel.close();
    return reply;
};
window.ready = true;
