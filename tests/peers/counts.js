// What was asked of WebGPU so far, by the page and its workers together.

export async function counts() {
    const all = await Promise.all([ask((message, transfer) => postMessage(message, "*", transfer)),
        ...globalThis.watchedWorkers.map((worker) => ask((message, transfer) => worker.postMessage(message, transfer)))]);
    return Object.fromEntries(Object.keys(all[0]).map((name) => [name, all.reduce((sum, each) => sum + each[name], 0)]));
}

function ask(post) {
    return new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => {
            port1.close();
            resolve(data.value);
        };
        post({ kind: "gpu-watch", ask: "counts" }, [port2]);
    });
}
