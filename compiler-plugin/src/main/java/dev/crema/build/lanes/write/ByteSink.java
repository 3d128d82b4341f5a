package dev.crema.build.lanes.write;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of a module, with its numbers in LEB128. */
final class ByteSink {
    private byte[] bytes = new byte[64];
    private int size;

    ByteSink one(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = (byte) value;
        return this;
    }

    int size() {
        return size;
    }

    void replace(int at, int value) {
        bytes[at] = (byte) value;
    }

    ByteSink unsigned(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            one((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        return one((int) left);
    }

    ByteSink signed(long value) {
        long left = value;
        while (left < -64 || left > 63) {
            one((int) (left & 0x7f | 0x80));
            left >>= 7;
        }
        return one((int) (left & 0x7f));
    }

    /** The low bytes of the number, little endian. */
    ByteSink fixed(long value, int count) {
        for (int i = 0; i < count; i++) {
            one((int) (value >> 8 * i));
        }
        return this;
    }

    ByteSink name(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        unsigned(encoded.length);
        for (byte value : encoded) {
            one(value);
        }
        return this;
    }

    ByteSink all(ByteSink other) {
        for (int i = 0; i < other.size; i++) {
            one(other.bytes[i]);
        }
        return this;
    }

    /** The other's bytes after their count. */
    ByteSink sized(ByteSink other) {
        return unsigned(other.size).all(other);
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }
}
