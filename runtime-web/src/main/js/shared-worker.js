// The shared worker: one engine for all pages of a site that are open. Each has its own models and requests; what several load alike is there once.

import { watchCrashes } from "./crashes.js";
import { EngineHost } from "./host.js";
import { servePort } from "./serve.js";

const host = new EngineHost();
self.onconnect = ({ ports: [port] }) => servePort(host, port);
watchCrashes((error) => host.crash(error));
