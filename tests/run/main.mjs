// `./crema test [FILTER]`: installs what the tests need, runs all of them (JUnit through Maven, then Node and the browser), adds up.
// The last line is "N passed, N failed, N skipped"; the exit status is 1 when anything failed.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installDebianPackages, installPackages } from "./install.mjs";
import { readReports } from "./reports.mjs";
import { logOf, run } from "./run.mjs";
import { overBudget } from "./skips.mjs";

const root = join(import.meta.dirname, "..", "..");
const nodeTests = join(root, "tests", "node");
const results = join(root, "tests", "target", "node-results.xml");
const filter = process.argv[2] ?? "";
const problems = [];
const crashes = /in the fork|forked VM terminated|SurefireBooterForkException/;

const started = Date.now();
installDebianPackages();
installPackages(nodeTests);
clearOldReports();
await step("build", join(root, "crema"), ["build"]);
await runJUnit();
await runNode();
report();

/** Reports of an earlier run must never count for this one. */
function clearOldReports() {
    for (const module of readdirSync(root)) {
        const reports = join(root, module, "target", "surefire-reports");
        if (existsSync(reports)) {
            rmSync(reports, { recursive: true });
        }
    }
    rmSync(results, { force: true });
}

async function runJUnit() {
    const args = ["--batch-mode", "--no-transfer-progress", "-Dmaven.test.failure.ignore=true", "verify"];
    if (filter) {
        args.push(`-Dtest=*${filter}*`, "-Dsurefire.failIfNoSpecifiedTests=false");
    }
    await step("JUnit", "mvn", args);
    // Told to go on after failed tests, Surefire goes on after a crashed or hanging JVM as well, and its tests are in no report.
    for (const line of new Set(readFileSync(logOf("JUnit"), "utf8").split("\n").filter((line) => crashes.test(line)))) {
        problems.push(`A JVM that ran tests crashed or hung: ${line}`);
    }
}

async function runNode() {
    const files = readdirSync(nodeTests).filter((name) => name.endsWith(".test.mjs") && name.includes(filter)).sort();
    if (files.length === 0) {
        return;
    }
    const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=junit",
        `--test-reporter-destination=${results}`];
    // A failed test is in the report; a crash before it is written is caught below.
    const args = ["--test", "--test-concurrency=1", "--test-timeout=1500000", ...reporters, ...files];
    const status = await run("Node and browser", node24(), args, { cwd: nodeTests });
    if (!existsSync(results)) {
        problems.push("The Node tests wrote no report.");
    } else if (status !== 0 && !/<(failure|error)\b/.test(readFileSync(results, "utf8"))) {
        problems.push(`Node ended with status ${status}, and its report names no failed test.`);
    }
}

/** The Node that the lock file brings: older ones have no Wasm GC. */
function node24() {
    const bundled = join(nodeTests, "node_modules", "node24", "bin", "node");
    const works = existsSync(bundled) && spawnSync(bundled, ["--version"]).status === 0;
    return works ? bundled : process.execPath;
}

async function step(name, command, args) {
    const status = await run(name, command, args, { cwd: root });
    if (status !== 0) {
        problems.push(`${name} ended with status ${status}.`);
    }
}

function report() {
    const { passed, failures, skips } = readReports(root, results);
    for (const { name, message } of failures) {
        console.log(`\nFAILED ${name}\n${message.split("\n").slice(0, 12).join("\n")}`);
    }
    for (const { name, message } of skips) {
        console.log(`skipped ${name}: ${message.split("\n")[0]}`);
    }
    problems.push(...overBudget(skips));
    if (passed === 0 && failures.length === 0) {
        problems.push(filter ? `No test matches ${filter}.` : "No test ran.");
    }
    for (const problem of problems) {
        console.log(`\nFAILED ${problem}`);
    }
    const failed = failures.length + problems.length;
    console.log(`\nTook ${Math.round((Date.now() - started) / 1000)} s.`);
    console.log(`${passed} passed, ${failed} failed, ${skips.length} skipped`);
    process.exitCode = failed > 0 ? 1 : 0;
}
