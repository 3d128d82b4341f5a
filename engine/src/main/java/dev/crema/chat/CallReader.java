package dev.crema.chat;

/** Reads one call while it is written. */
interface CallReader {
    enum State { OPEN, DONE, NONE }

    /** Takes one character; nothing more once it is not OPEN. NONE says that it was no call. */
    State append(char c);

    /** The tool's name, or null as long as it is not known. */
    String name();

    /** Whether it is a call for sure. */
    boolean isCall();

    /** The arguments as JSON, as far as they are known. */
    String arguments();

    /** All that was read. */
    String text();
}
