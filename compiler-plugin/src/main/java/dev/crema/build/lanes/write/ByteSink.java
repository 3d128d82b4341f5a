package dev.crema.build.lanes.write;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes of a module, with its numbers in LEB128. */
final class ByteSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    ByteSink one(int value) {
        bytes.write(value);
        return this;
    }

    ByteSink unsigned(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes.write((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        bytes.write((int) left);
        return this;
    }

    ByteSink signed(long value) {
        long left = value;
        while (left < -64 || left > 63) {
            bytes.write((int) (left & 0x7f | 0x80));
            left >>= 7;
        }
        bytes.write((int) (left & 0x7f));
        return this;
    }

    /** The low bytes of the number, little endian. */
    ByteSink fixed(long value, int count) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (value >> 8 * i));
        }
        return this;
    }

    ByteSink name(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        unsigned(encoded.length);
        bytes.writeBytes(encoded);
        return this;
    }

    ByteSink all(ByteSink other) {
        bytes.writeBytes(other.toBytes());
        return this;
    }

    /** The other's bytes after their count. */
    ByteSink sized(ByteSink other) {
        unsigned(other.bytes.size());
        return all(other);
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
