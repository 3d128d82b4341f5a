// Reads JUnit's XML as Surefire and Node's test runner write it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** All test cases of all modules and of the Node tests: how many passed, which failed, which were skipped and why. */
export function readReports(root, nodeResults) {
    const files = existsSync(nodeResults) ? [nodeResults] : [];
    for (const module of readdirSync(root)) {
        const folder = join(root, module, "target", "surefire-reports");
        if (existsSync(folder)) {
            files.push(...readdirSync(folder).filter((name) => /^TEST-.*\.xml$/.test(name)).map((name) => join(folder, name)));
        }
    }
    const all = { passed: 0, failures: [], skips: [] };
    for (const file of files) {
        readCases(readFileSync(file, "utf8"), all);
    }
    return all;
}

// Attributes may hold a bare '>'.
function readCases(xml, all) {
    for (const [, attributes, body = ""] of xml.matchAll(/<testcase\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
        const name = [attribute(attributes, "classname"), attribute(attributes, "name")].filter((part) => part && part !== "test").join(" ");
        const failure = body.match(/<(?:failure|error)\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/(?:failure|error)>)/);
        const skip = body.match(/<skipped\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/skipped>)/);
        if (failure) {
            all.failures.push({ name, message: text(failure[2]) || attribute(failure[1], "message") });
        } else if (skip) {
            all.skips.push({ name, message: attribute(skip[1], "message") || text(skip[2]) || "no reason given" });
        } else {
            all.passed++;
        }
    }
}

function attribute(attributes, name) {
    return unescape(attributes.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? "");
}

function text(content = "") {
    return unescape(content.replace(/<!\[CDATA\[|\]\]>/g, "")).trim();
}

function unescape(text) {
    const named = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
    return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) =>
        hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : named[name] ?? all);
}
