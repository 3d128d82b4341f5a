package dev.crema.device;

/**
 * Bytes that live somewhere: a mapped file, a Java array, a file in the browser's store, a URL. A device may know the kinds of
 * its own platform and move them without a Java array between; {@link #awaitRead} works for all.
 */
public interface Bytes {
    long length();

    /** A view of {@code length} bytes from {@code offset}; a range outside this one is an IndexOutOfBoundsException. */
    Bytes slice(long offset, long length);

    /** Copies {@code length} bytes from {@code position} into {@code target}; may suspend. Fails with the source's own error. */
    void awaitRead(long position, byte[] target, int offset, int length);
}
