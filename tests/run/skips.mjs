// The budget of skipped tests: tests/skips.txt lists the reasons that count and how many tests each may cost, so that none drops out unseen.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What is over the budget, in words. */
export function overBudget(skips) {
    const text = readFileSync(join(import.meta.dirname, "..", "skips.txt"), "utf8");
    const reasons = text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
        const [, most, reason] = line.match(/^(\d+)\s+(.+)$/) ?? [];
        if (!reason) {
            throw new Error(`tests/skips.txt: '${line}' is not a number and a reason`);
        }
        return { most: Number(most), reason: new RegExp(reason), counted: 0 };
    });
    const problems = [];
    for (const { name, message } of skips) {
        const found = reasons.find(({ reason }) => reason.test(message));
        if (found) {
            found.counted++;
        } else {
            problems.push(`${name} was skipped for a reason that tests/skips.txt does not allow: ${message}`);
        }
    }
    for (const { most, reason, counted } of reasons) {
        if (counted > most) {
            problems.push(`${counted} tests were skipped for ${reason}; tests/skips.txt allows ${most}`);
        }
    }
    return problems;
}
