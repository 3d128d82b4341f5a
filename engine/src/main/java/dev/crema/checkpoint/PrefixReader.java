package dev.crema.checkpoint;

import dev.crema.device.Bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads little-endian values from the beginning of a file of which only a prefix is in memory. A value that lies beyond it ends in
 * {@link Short}: the caller goes back to its {@link #mark}, awaits more and tries again. So the parsing itself never suspends,
 * and a remote file is read in a few growing ranges.
 */
final class PrefixReader {
    /** More bytes are needed than are in memory. */
    static final class Short extends RuntimeException { }

    private static final int FIRST_READ = 1 << 20;
    /** Vocabularies of 256 K tokens with their merges take 15 MB. */
    private static final int MAX_PREFIX = 128 << 20;

    private final String fileName;
    private final Bytes file;
    private byte[] data = new byte[0];
    private long wanted;
    private int at;
    private int mark;

    PrefixReader(String fileName, Bytes file) {
        this.fileName = fileName;
        this.file = file;
    }

    /** Reads on, at least as far as the last {@link Short} asked for, and goes back to the mark. */
    void awaitMore() {
        if (wanted > MAX_PREFIX) {
            throw Damage.invalid(fileName, "the header has more than " + wanted + " bytes, " + MAX_PREFIX + " is the limit");
        }
        int length = (int) Math.min(Math.min(file.length(), MAX_PREFIX), Math.max(Math.max(wanted, FIRST_READ), 2L * data.length));
        byte[] longer = Arrays.copyOf(data, length);
        file.awaitRead(data.length, longer, data.length, length - data.length);
        data = longer;
        at = mark;
    }

    void mark() {
        mark = at;
    }

    int position() {
        return at;
    }

    /** Bytes of the file behind the current place, in memory or not. */
    long remaining() {
        return file.length() - at;
    }

    /** Makes sure that {@code bytes} more are in memory; an error where the file ends before. */
    void need(long bytes) {
        if (bytes < 0 || bytes > remaining()) {
            throw Damage.invalid(fileName, "the header needs " + Damage.unsigned(bytes) + " bytes at " + at + ", the file ends at " + file.length());
        }
        if (bytes > data.length - at) {
            wanted = at + bytes;
            throw new Short();
        }
    }

    int u8() {
        need(1);
        return data[at++] & 0xff;
    }

    int u16() {
        need(2);
        at += 2;
        return data[at - 2] & 0xff | (data[at - 1] & 0xff) << 8;
    }

    int i32() {
        need(4);
        return u16() | u16() << 16;
    }

    long u32() {
        return i32() & 0xffffffffL;
    }

    long i64() {
        need(8);
        return u32() | (long) i32() << 32;
    }

    float f32() {
        return Float.intBitsToFloat(i32());
    }

    double f64() {
        return Double.longBitsToDouble(i64());
    }

    /** A length in 64 bits, then UTF-8. */
    String string() {
        long length = i64();
        need(length);
        if (length == 0) {
            return "";
        }
        at += (int) length;
        return new String(data, at - (int) length, (int) length, StandardCharsets.UTF_8);
    }
}
