// `./crema bench`: measures. Exit status 0 (done), 1 (failed), 2 (usage).

import { Usage, read } from "./usage.mjs";

const run = {
    engines: async (options) => (await import("./bench-engines.mjs")).benchEngines(options),
    startup: async (options) => (await import("./bench-startup.mjs")).benchStartup(options),
    web: async (options) => (await import("./bench-web.mjs")).benchWeb(options),
    peers: async (options) => (await import("./bench-peers.mjs")).benchPeers(options),
    load: async (options) => (await import("./bench-load.mjs")).benchLoad(options),
    kernels: async (options) => (await import("./bench-kernels.mjs")).benchKernels(options),
};

// Children are killed as the process exits.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

try {
    const options = read(process.argv.slice(2));
    if (options) {
        await run[options.command](options);
    }
} catch (error) {
    if (error instanceof Usage) {
        console.error(`crema: ${error.message} Try 'crema bench --help'.`);
        process.exit(2);
    }
    console.error(`crema: ${error.code === "ERR_MODULE_NOT_FOUND" ? missing(error) : error.message}`);
    if (process.env.CREMA_DEBUG) {
        console.error(error.stack);
    }
    process.exit(1);
}

function missing(error) {
    return /playwright-core/.test(error.message) ? "The browser driver playwright-core is not installed. Run 'npm ci' in tests/node and try again." : error.message;
}
