package dev.crema.tokenizer;

import dev.crema.CremaException;

import java.nio.charset.StandardCharsets;

/**
 * The fields of one Protocol Buffers message, one after the other. Every length is held against the bytes that there are, so that a damaged file
 * costs an error and no memory. {@code file} is what errors name.
 */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int I64 = 1;
    private static final int LENGTH = 2;
    private static final int I32 = 5;
    private static final int MOST_VARINT_BYTES = 10;

    private final String file;
    private final byte[] bytes;
    private final int end;
    private int at;
    private int field;
    private int wire;
    private int valueStart;
    private int valueEnd;
    private long value;

    ProtoReader(String file, byte[] bytes) {
        this(file, bytes, 0, bytes.length);
    }

    private ProtoReader(String file, byte[] bytes, int from, int end) {
        this.file = file;
        this.bytes = bytes;
        this.end = end;
        at = from;
    }

    /** The number of the next field, whose value the other methods then give; 0 at the end of the message. */
    int next() {
        if (at == end) {
            return 0;
        }
        int start = at;
        long tag = varint();
        wire = (int) tag & 7;
        field = (int) (tag >>> 3);
        if (tag >>> 3 == 0 || tag >>> 3 > Integer.MAX_VALUE >> 2) {
            throw invalid(start, "the field number " + (tag >>> 3));
        }
        int from = at;
        switch (wire) {
            case VARINT -> value = varint();
            case I64 -> skip(Long.BYTES, start);
            case I32 -> skip(Integer.BYTES, start);
            case LENGTH -> {
                long length = varint();
                from = at;
                if (length < 0 || length > end - at) {
                    throw invalid(start, "field " + field + " of " + Long.toUnsignedString(length) + " bytes where " + (end - at) + " are left");
                }
                at += (int) length;
            }
            default -> throw invalid(start, "the wire type " + wire);
        }
        valueStart = from;
        valueEnd = at;
        return field;
    }

    private void skip(int count, int start) {
        if (count > end - at) {
            throw invalid(start, "field " + field + " of " + count + " bytes where " + (end - at) + " are left");
        }
        at += count;
    }

    private long varint() {
        long result = 0;
        for (int i = 0; i < MOST_VARINT_BYTES; i++) {
            if (at == end) {
                throw invalid(at, "a number that goes on past the end");
            }
            byte part = bytes[at++];
            result |= (long) (part & 0x7F) << 7 * i;
            if (part >= 0) {
                return result;
            }
        }
        throw invalid(at, "a number of more than " + MOST_VARINT_BYTES + " bytes");
    }

    private void expect(int type, String what) {
        if (wire != type) {
            throw invalid(valueStart, "field " + field + " of the wire type " + wire + " where " + what + " belongs");
        }
    }

    int integer() {
        expect(VARINT, "a number");
        return (int) value;
    }

    boolean bool() {
        expect(VARINT, "true or false");
        return value != 0;
    }

    float float32() {
        expect(I32, "a 32-bit float");
        int bits = 0;
        for (int i = 0; i < Float.BYTES; i++) {
            bits |= (bytes[valueStart + i] & 0xFF) << 8 * i;
        }
        return Float.intBitsToFloat(bits);
    }

    byte[] bytes() {
        expect(LENGTH, "text");
        byte[] copy = new byte[valueEnd - valueStart];
        System.arraycopy(bytes, valueStart, copy, 0, copy.length);
        return copy;
    }

    String string() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    ProtoReader message() {
        expect(LENGTH, "a message");
        return new ProtoReader(file, bytes, valueStart, valueEnd);
    }

    private CremaException invalid(int place, String what) {
        return Fields.invalid(file + " has at byte " + place + " " + what + ".");
    }
}
