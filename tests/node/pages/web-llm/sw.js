// The service worker of a program that runs WebLLM's engine in it.

import { ServiceWorkerMLCEngineHandler } from "/crema/web-llm.js";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
new ServiceWorkerMLCEngineHandler();
