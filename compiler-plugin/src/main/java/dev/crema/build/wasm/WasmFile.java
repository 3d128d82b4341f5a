package dev.crema.build.wasm;

import dev.crema.build.BuildProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The check of a module's structure that needs no engine: header, sections in order and within the file, bodies for all functions. */
final class WasmFile {
    private static final int CUSTOM = 0;
    private static final int FUNCTION = 3;
    private static final int EXPORT = 7;
    private static final int CODE = 10;
    /** Section ids in the order they must have in a file: the tag section (13) sits before globals, data count (12) before code. */
    private static final int[] ORDER = {1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11};

    private final String name;
    private final byte[] bytes;
    private int at;

    private WasmFile(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    static void check(Path file) throws IOException {
        check(file.getFileName().toString(), Files.readAllBytes(file));
    }

    static void check(String name, byte[] bytes) {
        new WasmFile(name, bytes).check();
    }

    private void check() {
        if (bytes.length < 8 || bytes[0] != 0 || bytes[1] != 'a' || bytes[2] != 's' || bytes[3] != 'm') {
            throw problem("does not begin with the magic bytes \\0asm");
        }
        if (bytes[4] != 1 || bytes[5] != 0 || bytes[6] != 0 || bytes[7] != 0) {
            throw problem("is not of version 1");
        }
        at = 8;
        int[] counts = new int[14];
        java.util.Arrays.fill(counts, -1);
        int previous = -1;
        while (at < bytes.length) {
            int start = at;
            int id = bytes[at++] & 0xff;
            int size = unsigned();
            int end = at + size;
            if (size < 0 || end < at || end > bytes.length) {
                throw problem("section " + id + " at byte " + start + " claims " + Integer.toUnsignedString(size) + " bytes, "
                    + (bytes.length - at) + " are left");
            }
            if (id != CUSTOM) {
                previous = checkOrder(id, start, previous);
                counts[id] = size == 0 ? 0 : unsigned();
            }
            at = end;
        }
        if (counts[CODE] != counts[FUNCTION]) {
            throw problem("declares " + counts[FUNCTION] + " functions and has " + counts[CODE] + " bodies");
        }
        if (counts[CODE] <= 0 || counts[EXPORT] <= 0) {
            throw problem("exports nothing: is the main class right?");
        }
    }

    private int checkOrder(int id, int start, int previous) {
        for (int position = 0; position < ORDER.length; position++) {
            if (ORDER[position] == id) {
                if (position <= previous) {
                    throw problem("section " + id + " at byte " + start + " is out of order or there twice");
                }
                return position;
            }
        }
        throw problem("section " + id + " at byte " + start + " is of no known kind");
    }

    /** LEB128, at most five bytes. */
    private int unsigned() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (at >= bytes.length) {
                throw problem("ends within a number at byte " + at);
            }
            int next = bytes[at++];
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw problem("has a number of more than five bytes before byte " + at);
    }

    private BuildProblem problem(String what) {
        return new BuildProblem(name + " " + what + " (" + bytes.length + " bytes): delete target/ and build again; if it stays, "
            + "look for an @Import with java.nio.Buffer parameters, which TeaVM compiles to invalid code");
    }
}
