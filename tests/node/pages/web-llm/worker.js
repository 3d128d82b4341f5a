// The worker of a program that runs WebLLM's engine in one, with a request of its own. Import maps don't reach workers.

import { WebWorkerMLCEngineHandler } from "/crema/web-llm.js";

class Handler extends WebWorkerMLCEngineHandler {
    onmessage(event) {
        const { kind, uuid, content } = event.data;
        return kind === "customRequest" ? this.handleTask(uuid, async () => 2 * Number(content.requestMessage)) : super.onmessage(event);
    }
}

const handler = new Handler();
self.onmessage = (message) => {
    handler.onmessage(message);
};
