package dev.crema.build.shaders;

import java.util.stream.Collectors;

/** Comments out of WGSL, without moving any line. */
final class WgslText {
    private WgslText() {
    }

    /** Replaces comments (line comments, and block comments, which nest) by spaces; every line stays on its number and column. */
    static String withoutComments(String text) {
        StringBuilder out = new StringBuilder(text.length());
        int depth = 0;
        boolean inLine = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                inLine = false;
                out.append(c);
            } else if (inLine) {
                out.append(' ');
            } else if (text.startsWith("/*", i)) {
                depth++;
                i++;
                out.append("  ");
            } else if (depth > 0 && text.startsWith("*/", i)) {
                depth--;
                i++;
                out.append("  ");
            } else if (depth > 0) {
                out.append(' ');
            } else if (text.startsWith("//", i)) {
                inLine = true;
                out.append(' ');
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** Without comments, indentation and empty lines: what is shipped. */
    static String shipped(String text) {
        return withoutComments(text).lines().map(String::strip).filter(line -> !line.isEmpty())
            .map(line -> line + "\n").collect(Collectors.joining());
    }

    /** The line, from 1, of a position in the text. */
    static int lineOf(String text, int position) {
        int line = 1;
        for (int i = 0; i < position; i++) {
            if (text.charAt(i) == '\n') {
                line++;
            }
        }
        return line;
    }
}
