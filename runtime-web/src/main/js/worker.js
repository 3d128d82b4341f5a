// The dedicated worker: an engine for the page that started it.

import { watchCrashes } from "./crashes.js";
import { EngineHost } from "./host.js";

const host = new EngineHost();
const client = host.connect({ post: (message) => postMessage(message) });
self.onmessage = ({ data }) => client.receive(data);
watchCrashes((error) => host.crash(error));
