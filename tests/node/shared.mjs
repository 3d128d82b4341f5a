// The models that lie beside the repository and are not part of it; see dev.crema.testing.Shared.

import { existsSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./static-server.mjs";

/** The folder that holds the models, or null. Named by CREMA_SHARED, else looked for beside one of the folders above. */
export function sharedModels() {
    const candidates = process.env.CREMA_SHARED ? [process.env.CREMA_SHARED]
        : ["..", "../..", "../../.."].map((up) => path.resolve(ROOT, up, "shared"));
    const found = candidates.map((folder) => path.join(folder, "models")).find((folder) => existsSync(folder));
    if (!found && process.env.CI === "true") {
        throw new Error("shared/models is not beside the repository (set CREMA_SHARED)");
    }
    return found ?? null;
}
