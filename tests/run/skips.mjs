// The budget of skipped tests: tests/skips.txt lists the reasons that count, so that a test can't drop out unseen.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The skips whose reason no line of tests/skips.txt matches. */
export function explain(skips) {
    const lines = readFileSync(join(import.meta.dirname, "..", "skips.txt"), "utf8").split("\n");
    const allowed = lines.filter((line) => line && !line.startsWith("#")).map((line) => new RegExp(line));
    return skips.filter(({ message }) => !allowed.some((reason) => reason.test(message)));
}
