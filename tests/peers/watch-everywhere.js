// Put into the page before its own scripts: every worker that it starts from a blob runs the watch first (`globalThis.WATCH`, its text).
// A block keeps the watch's names from those of the worker.

globalThis.watchedWorkers = [];
globalThis.Worker = class extends Worker {
    constructor(url, options) {
        super(String(url).startsWith("blob:") ? watched(url) : url, options);
        if (String(url).startsWith("blob:")) {
            globalThis.watchedWorkers.push(this);
        }
    }
};

/** Synchronous, because a constructor can't wait. */
function watched(url) {
    const request = new XMLHttpRequest();
    request.open("GET", url, false);
    request.send();
    return URL.createObjectURL(new Blob([`{\n${globalThis.WATCH}\n}\n`, request.responseText], { type: "text/javascript" }));
}
