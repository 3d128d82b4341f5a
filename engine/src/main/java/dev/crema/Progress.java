package dev.crema;

/**
 * Receives the progress of long work. {@code done} and {@code total} are bytes for {@code DOWNLOAD} and {@code UPLOAD},
 * pipelines for {@code COMPILE}, kernels for {@code TEST}, classes of them for {@code TUNE}; a total that is not known is -1.
 */
@FunctionalInterface
public interface Progress {
    /** What is going on; {@code TEST} is a device's self-test before anything else runs on it. */
    enum Phase { OPEN, TEST, DOWNLOAD, UPLOAD, TUNE, COMPILE, READY }

    /** A receiver that ignores everything. */
    Progress NONE = (phase, what, done, total) -> { };

    /** {@code what} names the file, tensor or kernel. */
    void report(Phase phase, String what, long done, long total);
}
