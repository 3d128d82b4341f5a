// Levels of the log as WebLLM has them; what Crema's drop-in has to say goes to the console.

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "SILENT"];

export class Logger {
    #level = LEVELS.indexOf("WARN");

    /** By name, or by its number from 0 (TRACE) to 5 (SILENT). */
    setLevel(level) {
        const number = typeof level === "number" ? level : LEVELS.indexOf(String(level).toUpperCase());
        if (number >= 0 && number < LEVELS.length) {
            this.#level = number;
        }
    }

    warn(text) {
        if (this.#level <= LEVELS.indexOf("WARN")) {
            console.warn(text);
        }
    }
}
