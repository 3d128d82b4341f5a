// Files dropped anywhere on the page become the model.

import { byId } from "./dom.js";
import { pick } from "./models.js";

export function acceptDrops(load) {
    const veil = byId("drop-veil");
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    let depth = 0;
    const show = (change) => {
        depth = Math.max(0, depth + change);
        veil.classList.toggle("shown", depth > 0);
    };
    addEventListener("dragenter", (event) => hasFiles(event) && show(1));
    addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    addEventListener("drop", async (event) => {
        if (!hasFiles(event)) {
            return;
        }
        event.preventDefault();
        show(-depth);
        const files = await droppedFiles(event.dataTransfer);
        if (files.length > 0) {
            load(pick(files));
        }
    });
}

/** The files of a drop; those of a folder where one was dropped. */
async function droppedFiles(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const folder = entries.find((entry) => entry.isDirectory);
    if (!folder) {
        return [...transfer.files];
    }
    const reader = folder.createReader();
    const files = [];
    for (;;) {
        const children = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (children.length === 0) {
            return files;
        }
        for (const child of children.filter((entry) => entry.isFile)) {
            files.push(await new Promise((resolve, reject) => child.file(resolve, reject)));
        }
    }
}
