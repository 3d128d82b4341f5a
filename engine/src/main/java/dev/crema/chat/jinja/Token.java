package dev.crema.chat.jinja;

/** A piece of template source; {@code at} is its offset there. Strings come with their escapes resolved. */
record Token(Kind kind, String text, int at) {
    enum Kind { TEXT, OPEN_OUTPUT, CLOSE_OUTPUT, OPEN_BLOCK, CLOSE_BLOCK, NAME, STRING, INTEGER, FLOAT, OPERATOR, END }

    boolean is(Kind wanted, String wantedText) {
        return kind == wanted && text.equals(wantedText);
    }

    /** As an error message shows it. */
    String describe() {
        return switch (kind) {
            case END -> "the end of the template";
            case TEXT -> "text";
            case STRING -> "a string";
            default -> "'" + text + "'";
        };
    }
}
