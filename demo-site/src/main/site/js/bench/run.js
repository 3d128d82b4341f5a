// A whole run: the sections that were asked for, one after the other, and the result as one object.

import { benchKernels } from "./kernel-bench.js";
import { ModelBench } from "./model-bench.js";
import { PRESETS, SECTIONS } from "./plan.js";

/** Names what an export is; a reader checks it before anything else. */
export const SCHEMA = "crema-bench/1";

/**
 * Measures `sections` of a model. `onChange(result)` hears of the result as it grows, `tell(what, fraction)` of what is going on; `fraction`
 * is of the section.
 */
export async function runBench({ source, device, preset, sections, contextLength = 0, tune = "auto", signal }, onChange, tell) {
    const plan = PRESETS[preset];
    const bench = new ModelBench(source, { device, contextLength, tune }, plan, signal, tell);
    const result = { schema: SCHEMA, date: new Date().toISOString(), userAgent: navigator.userAgent, preset };
    try {
        if (sections.includes("load")) {
            result.load = await bench.load();
        }
        const engine = await bench.engine();
        const { device: chosen, model } = engine.info;
        Object.assign(result, { device: chosen, model });
        onChange(result);
        await bench.warmUp();
        result.gpuMemory = await engine.memory();
        for (const section of sections.filter((name) => name !== "load")) {
            result[section] = section === "kernels" ? await kernels(bench, plan, tell) : await bench[section]();
            onChange(result);
        }
        return result;
    } finally {
        await bench.close();
    }
}

/** On an engine of its own: the launches are repeated, which leaves nothing sensible in its cache. */
async function kernels(bench, plan, tell) {
    try {
        return await benchKernels(await bench.open({}), plan, tell);
    } catch (error) {
        return [{ phase: SECTIONS.kernels, skipped: error.message }];
    } finally {
        await bench.close();
    }
}
