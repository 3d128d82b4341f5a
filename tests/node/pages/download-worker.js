// Reads a file as the engine does, and checks that every word of it is what virtual-file.mjs serves there.

const { openFiles } = await import("/crema/files.js");

const wordAt = (index) => Math.imul(index, 2654435761) >>> 0;

self.onmessage = async ({ data: { url, cache, pauseMillis } }) => {
    const progress = [];
    const files = openFiles({ url, folder: false }, cache, { progress: (name, loaded) => progress.push(loaded), waiting() { } });
    try {
        const file = await files.open(files.name);
        const stream = file.stream(0, file.length);
        let position = 0;
        let wrong = 0;
        for (let chunk = await stream.next(); chunk !== null; chunk = await stream.next()) {
            wrong += countWrong(chunk, position);
            position += chunk.length;
            postMessage({ kind: "chunk", position });
            await new Promise((resolve) => setTimeout(resolve, pauseMillis));
        }
        const storage = await files.settle();
        const rising = progress.every((loaded, i) => i === 0 || loaded > progress[i - 1]);
        postMessage({ kind: "done", length: position, wrong, rising, storage });
    } catch (error) {
        postMessage({ kind: "failed", code: error.code, message: error.message, hint: error.hint });
    }
};

function countWrong(chunk, position) {
    let wrong = 0;
    for (let i = (4 - position % 4) % 4; i + 4 <= chunk.length; i += 4) {
        const word = (chunk[i] | chunk[i + 1] << 8 | chunk[i + 2] << 16 | chunk[i + 3] << 24) >>> 0;
        wrong += word === wordAt((position + i) / 4) ? 0 : 1;
    }
    return wrong;
}

postMessage({ kind: "ready" });
