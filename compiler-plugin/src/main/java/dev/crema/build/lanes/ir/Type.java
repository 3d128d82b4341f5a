package dev.crema.build.lanes.ir;

/** Types of values, as Wasm names and encodes them. */
public enum Type {
    I32('i', 0x7f), I64('l', 0x7e), F32('f', 0x7d), F64('d', 0x7c), V128('v', 0x7b);

    private final char letter;
    private final int code;

    Type(char letter, int code) {
        this.letter = letter;
        this.code = code;
    }

    /** The byte that stands for it in a module. */
    public int code() {
        return code;
    }

    static Type of(char letter) {
        for (Type type : values()) {
            if (type.letter == letter) {
                return type;
            }
        }
        throw new IllegalArgumentException("no type " + letter);
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
