// Errors that nobody caught: a trap in Wasm comes up as one, wherever Java was called from.

/** Tells of each until the returned function is called. `ours` says which are Crema's, where other code runs beside it. */
export function watchCrashes(tell, ours = () => true) {
    const thrown = (event) => {
        if (ours(event.error)) {
            tell(event.error ?? new Error(event.message));
        }
    };
    const rejected = (event) => {
        if (ours(event.reason)) {
            event.preventDefault();
            tell(event.reason);
        }
    };
    globalThis.addEventListener?.("error", thrown);
    globalThis.addEventListener?.("unhandledrejection", rejected);
    return () => {
        globalThis.removeEventListener?.("error", thrown);
        globalThis.removeEventListener?.("unhandledrejection", rejected);
    };
}

/** Whether an error came out of crema.wasm. */
export const isTrap = (error) => error instanceof WebAssembly.RuntimeError && /crema/.test(error.stack ?? "");
