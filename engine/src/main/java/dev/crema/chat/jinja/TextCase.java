package dev.crema.chat.jinja;

import java.util.Locale;

/** Upper, lower and title case, and Python's questions about the characters of a string. */
final class TextCase {
    private TextCase() { }

    static String change(String text, String name) {
        return switch (name) {
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower", "casefold" -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalize(text);
            case "title" -> title(text);
            default -> swap(text);
        };
    }

    /** First character in upper case, the rest in lower case. */
    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = Character.charCount(text.codePointAt(0));
        return text.substring(0, first).toUpperCase(Locale.ROOT) + text.substring(first).toLowerCase(Locale.ROOT);
    }

    /** {@code str.title()}: every run of letters is capitalised. */
    private static String title(String text) {
        var out = new StringBuilder();
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }

    /** The filter {@code title}: words begin after white space and {@code -([{<} only, so {@code it's} stays {@code It's}. */
    static String titleFilter(String text) {
        var out = new StringBuilder();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || PythonText.isSpace(text.charAt(i)) || "-([{<".indexOf(text.charAt(i)) >= 0) {
                out.append(capitalize(text.substring(start, i)));
                if (i < text.length()) {
                    out.append(text.charAt(i));
                }
                start = i + 1;
            }
        }
        return out.toString();
    }

    private static String swap(String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            out.appendCodePoint(Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c));
        }
        return out.toString();
    }

    static boolean is(String text, String name) {
        if (name.equals("islower") || name.equals("isupper")) {
            return Tests.isCase(text, name.equals("isupper"));
        }
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            boolean fits = switch (name) {
                case "isspace" -> c < 0x10000 && PythonText.isSpace((char) c);
                case "isalpha" -> Character.isLetter(c);
                case "isalnum" -> Character.isLetterOrDigit(c);
                default -> Character.isDigit(c);
            };
            if (!fits) {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
