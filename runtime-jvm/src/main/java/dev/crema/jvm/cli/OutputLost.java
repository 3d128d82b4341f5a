package dev.crema.jvm.cli;

/** Standard output takes no more: its reader has gone, or its disk is full. */
final class OutputLost extends RuntimeException {
    OutputLost() {
        super("Standard output could not be written.");
    }
}
