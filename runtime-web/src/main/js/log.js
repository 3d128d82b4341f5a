// What the engine tells of itself while it works, for people who look for a cause.

const LEVELS = ["debug", "info", "warn", "error", "silent"];

export { LEVELS as LOG_LEVELS };

export class Log {
    #level;
    #sink;

    /** Messages of `level` and above go to `sink({ level, message })`, the console without one. */
    constructor(level, sink) {
        this.#level = LEVELS.indexOf(level);
        this.#sink = sink ?? (({ level, message }) => console[level](`crema: ${message}`));
    }

    set level(level) {
        this.#level = LEVELS.indexOf(level);
    }

    debug(message) {
        this.#tell("debug", message);
    }

    info(message) {
        this.#tell("info", message);
    }

    warn(message) {
        this.#tell("warn", message);
    }

    #tell(level, message) {
        if (LEVELS.indexOf(level) >= this.#level) {
            this.#sink({ level, message });
        }
    }
}
