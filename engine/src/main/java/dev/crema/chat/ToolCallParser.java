package dev.crema.chat;

import dev.crema.CremaException;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes the tool calls out of a reply while it streams: {@code <tool_call>{"name": ..., "arguments": ...}</tool_call>}, as Hermes, Qwen and
 * crema-tiny write them. What could be the beginning of a call is held back until it is clear, so that no markup reaches the content;
 * what turns out to be no call is content after all.
 */
public final class ToolCallParser {
    /** What a template that teaches this convention mentions. */
    public static final String OPEN = "<tool_call>";
    private static final String CLOSE = "</tool_call>";

    /** A call; {@code arguments} is JSON text. */
    public record ToolCall(String name, String arguments) { }

    /** Either content or a call; the other is null. */
    public record Piece(String content, ToolCall call) { }

    private final StringBuilder buffer = new StringBuilder();
    /** White space between content and a call: markup, unless the call turns out to be none. */
    private String spaceBefore = "";
    private boolean inCall;
    private boolean afterCall;

    /** What {@code delta} completes. */
    public List<Piece> append(String delta) {
        int searched = Math.max(0, buffer.length() - CLOSE.length());
        buffer.append(delta);
        var pieces = new ArrayList<Piece>();
        while (true) {
            int found = buffer.indexOf(inCall ? CLOSE : OPEN, searched);
            if (found < 0) {
                break;
            }
            if (inCall) {
                call(buffer.substring(0, found), CLOSE, pieces);
                buffer.delete(0, found + CLOSE.length());
            } else {
                int end = withoutTrailingSpace(found);
                content(buffer.substring(0, end), pieces);
                spaceBefore = buffer.substring(end, found);
                buffer.delete(0, found + OPEN.length());
            }
            inCall = !inCall;
            searched = 0;
        }
        if (!inCall) {
            int clear = clearLength();
            content(buffer.substring(0, clear), pieces);
            buffer.delete(0, clear);
        }
        return pieces;
    }

    /** What is left at the end of the reply. A call without closing tag counts if it is whole; one that was {@code cutOff} is dropped. */
    public List<Piece> finish(boolean cutOff) {
        var pieces = new ArrayList<Piece>();
        if (inCall && cutOff && parse(buffer.toString()) == null) {
            return pieces;
        }
        if (inCall) {
            call(buffer.toString(), "", pieces);
        } else {
            content(buffer.toString(), pieces);
        }
        buffer.setLength(0);
        return pieces;
    }

    private void call(String text, String close, List<Piece> pieces) {
        ToolCall call = parse(text);
        if (call == null) {
            content(spaceBefore + OPEN + text + close, pieces);
            return;
        }
        pieces.add(new Piece(null, call));
        afterCall = true;
    }

    /** The call, or null where the text is none. */
    private static ToolCall parse(String text) {
        Json json;
        try {
            json = JsonParser.parse(text);
        } catch (CremaException notJson) {
            return null;
        }
        if (!(json instanceof Json.Obj call) || !(call.get("name") instanceof Json.Str name) || name.value().isEmpty()) {
            return null;
        }
        Json arguments = call.has("arguments") ? call.get("arguments") : call.get("parameters");
        return switch (arguments) {
            case null -> new ToolCall(name.value(), "{}");
            case Json.Str already -> new ToolCall(name.value(), already.value());
            case Json other -> new ToolCall(name.value(), other.toString());
        };
    }

    private void content(String text, List<Piece> pieces) {
        int start = 0;
        while (afterCall && start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        if (start < text.length()) {
            pieces.add(new Piece(text.substring(start), null));
            afterCall = false;
        }
    }

    /** How much of the buffer can't belong to a call any more: all but a beginning of the tag and the white space before it. */
    private int clearLength() {
        int clear = buffer.length();
        for (int length = Math.min(OPEN.length() - 1, buffer.length()); length > 0; length--) {
            if (OPEN.startsWith(buffer.substring(buffer.length() - length))) {
                clear = buffer.length() - length;
                break;
            }
        }
        return withoutTrailingSpace(clear);
    }

    private int withoutTrailingSpace(int length) {
        int end = length;
        while (end > 0 && isSpace(buffer.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
