package dev.crema.chat;

/**
 * Parts a reply into thoughts and content while it streams. The marks and the white space around them belong to neither; what could
 * be the beginning of one is held back.
 */
public final class ThoughtSplitter {
    /** What came with a piece of text; each may be empty. */
    public record Split(String thought, String content) { }

    private enum Place { START, THOUGHT, BEHIND, CONTENT }

    private final Thinking thinking;
    private final StringBuilder buffer = new StringBuilder();
    private Place place;
    private boolean begun;

    public ThoughtSplitter(Thinking thinking) {
        this.thinking = thinking;
        place = switch (thinking.start()) {
            case NEVER -> Place.CONTENT;
            case MAYBE -> Place.START;
            case OPEN -> Place.THOUGHT;
        };
    }

    /** Whether what comes next is thought, as far as is known. */
    public boolean isThinking() {
        return place == Place.THOUGHT;
    }

    /** Whether what comes next is content for sure. */
    public boolean isOver() {
        return place == Place.BEHIND || place == Place.CONTENT;
    }

    public Split append(String delta) {
        buffer.append(delta);
        if (place == Place.START) {
            start();
        }
        String thought = place == Place.THOUGHT ? thought() : "";
        while (place == Place.BEHIND && behind()) {
            thought += "\n" + thought();
        }
        return new Split(thought, place == Place.BEHIND || place == Place.CONTENT ? content() : "");
    }

    /** What is held back at the end of the reply. */
    public Split finish() {
        String rest = buffer.toString();
        buffer.setLength(0);
        return place == Place.THOUGHT ? new Split(begun ? rest.stripTrailing() : rest.strip(), "") : new Split("", place == Place.BEHIND ? "" : rest);
    }

    private void start() {
        int from = spaces();
        String rest = buffer.substring(from);
        if (rest.startsWith(thinking.open())) {
            buffer.delete(0, from + thinking.open().length());
            place = Place.THOUGHT;
        } else if (!thinking.answer().isEmpty() && rest.startsWith(thinking.answer())) {
            buffer.delete(0, from + thinking.answer().length());
            place = Place.CONTENT;
        } else if (!thinking.open().startsWith(rest) && !thinking.answer().startsWith(rest)) {
            place = Place.CONTENT;
        }
    }

    /** Takes the mark that follows thoughts, where there is one; whether more thoughts follow. */
    private boolean behind() {
        if (thinking.answer().isEmpty()) {
            return false;
        }
        String rest = buffer.toString();
        String answer = thinking.between() + thinking.answer();
        String more = thinking.between() + thinking.open();
        if (rest.startsWith(answer)) {
            buffer.delete(0, answer.length());
            place = Place.CONTENT;
        } else if (rest.startsWith(more)) {
            buffer.delete(0, more.length());
            place = Place.THOUGHT;
        } else if (!answer.startsWith(rest) && !more.startsWith(rest)) {
            // A call of a tool follows: the mark before it is no content.
            buffer.delete(0, rest.startsWith(thinking.between()) ? thinking.between().length() : 0);
            place = Place.CONTENT;
        }
        return place == Place.THOUGHT;
    }

    private String thought() {
        if (!begun) {
            buffer.delete(0, spaces());
            begun = !buffer.isEmpty();
        }
        int found = buffer.indexOf(thinking.close());
        int end = found >= 0 ? found : buffer.length();
        for (int length = Math.min(thinking.close().length() - 1, buffer.length()); found < 0 && length > 0; length--) {
            if (thinking.close().startsWith(buffer.substring(buffer.length() - length))) {
                end = buffer.length() - length;
                break;
            }
        }
        int clear = end;
        while (clear > 0 && isSpace(buffer.charAt(clear - 1))) {
            clear--;
        }
        String thought = buffer.substring(0, clear);
        buffer.delete(0, found >= 0 ? found + thinking.close().length() : clear);
        place = found >= 0 ? Place.BEHIND : place;
        return thought;
    }

    private String content() {
        if (place == Place.BEHIND && !thinking.answer().isEmpty()) {
            return "";
        }
        if (place == Place.BEHIND) {
            buffer.delete(0, spaces());
            place = buffer.isEmpty() ? place : Place.CONTENT;
        }
        String content = buffer.toString();
        buffer.setLength(0);
        return content;
    }

    private int spaces() {
        int count = 0;
        while (count < buffer.length() && isSpace(buffer.charAt(count))) {
            count++;
        }
        return count;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
