package dev.crema.chat;

import dev.crema.chat.ToolForm.Style;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Takes the tool calls out of a reply while it streams. What could be the beginning of a call is held back until it is clear, so that
 * no markup reaches the content; what turns out to be no call is content after all. A call's name comes as soon as it is sure, its arguments as they are written.
 */
public final class ToolCallParser {
    /** One of: content; the name of a call that begins; more of the arguments of the call that began last. The others are null. */
    public record Piece(String content, String name, String arguments) { }

    /** Where the text is: at the start of a reply or behind a bare call, in content, between marks and calls, in a call. */
    private enum Place { START, CONTENT, BETWEEN, CALL }

    private static final int MAX_NAME = 256;

    private final ToolForm form;
    /** The tools that there are, name to {@code function}; without a mark, others make no call. */
    private final Map<String, Json.Obj> functions;
    private final StringBuilder buffer = new StringBuilder();
    /** What was read since the mark and would be content if this were no call. */
    private final StringBuilder held = new StringBuilder();
    private Place place;
    private boolean marked;
    private boolean afterCall;
    private CallReader scanner;
    private boolean begun;
    private int passedOn;
    private List<Piece> pieces = new ArrayList<>();

    public ToolCallParser(ToolForm form, Map<String, Json.Obj> functions) {
        this.form = form;
        this.functions = functions;
        place = form.bare() ? Place.START : Place.CONTENT;
    }

    /** What {@code delta} completes. */
    public List<Piece> append(String delta) {
        pieces = new ArrayList<>();
        buffer.append(delta);
        boolean more = true;
        while (more) {
            more = switch (place) {
                case START -> start();
                case CONTENT -> content();
                case BETWEEN -> between();
                case CALL -> call();
            };
        }
        return pieces;
    }

    /** What is left at the end of the reply. What may have become a call is content, or dropped where the reply was {@code cutOff}. */
    public List<Piece> finish(boolean cutOff) {
        pieces = new ArrayList<>();
        if (place == Place.CONTENT || place == Place.START || !begun && !cutOff && !(afterCall && isBeginningOfTheEnd(buffer.toString()))) {
            text(held.toString() + (scanner == null ? "" : scanner.text()) + buffer);
        }
        buffer.setLength(0);
        held.setLength(0);
        return pieces;
    }

    private boolean start() {
        int from = 0;
        while (from < buffer.length() && (isSpace(buffer.charAt(from)) || afterCall && buffer.charAt(from) == ';')) {
            from++;
        }
        if (from == buffer.length()) {
            return false;
        }
        if (buffer.charAt(from) == (form.style() == Style.PYTHON ? '[' : '{')) {
            hold(from);
            marked = false;
            place = Place.BETWEEN;
        } else {
            place = Place.CONTENT;
        }
        return true;
    }

    private boolean content() {
        int found = buffer.indexOf(form.mark());
        if (found < 0) {
            int clear = clearLength();
            text(buffer.substring(0, clear));
            buffer.delete(0, clear);
            return false;
        }
        int end = withoutTrailingSpace(found);
        if (!form.lead().isEmpty() && buffer.substring(0, end).endsWith(form.lead())) {
            end = withoutTrailingSpace(end - form.lead().length());
        }
        text(buffer.substring(0, end));
        buffer.delete(0, end);
        hold(found - end + form.mark().length());
        marked = true;
        place = Place.BETWEEN;
        return true;
    }

    private boolean between() {
        int from = 0;
        while (from < buffer.length() && (isSpace(buffer.charAt(from)) || form.list() && buffer.charAt(from) == ',')) {
            from++;
        }
        hold(from);
        String after = afterCall ? after() : "";
        String rest = buffer.toString();
        if (rest.isEmpty() || isBeginning(rest, form.close()) || isBeginning(rest, after)) {
            return false;
        }
        if (!after.isEmpty() && rest.startsWith(after)) {
            buffer.delete(0, after.length());
            return true;
        }
        if (!form.close().isEmpty() && rest.startsWith(form.close())) {
            hold(form.close().length());
            leave();
            return true;
        }
        char c = rest.charAt(0);
        if (form.list() && (c == '[' || c == ']')) {
            hold(1);
            if (c == ']' && form.close().isEmpty()) {
                leave();
            }
            return true;
        }
        boolean begins = switch (form.style()) {
            case JSON -> c == '{';
            case XML -> c == '<';
            case ARG_KEYS, PYTHON -> Character.isLetter(c) || c == '_';
            case FRAMED -> false;
        };
        if (begins) {
            begin();
            return true;
        }
        return form.style() == Style.FRAMED ? framed(rest) : giveUp();
    }

    /** What follows the arguments of a call. */
    private String after() {
        return form.frame() == null ? "" : form.frame().after().strip();
    }

    /** Whether the mark of an end was cut off. */
    private boolean isBeginningOfTheEnd(String rest) {
        return form.close().startsWith(rest) || after().startsWith(rest);
    }

    /** Whether there may be more of {@code mark} to come. */
    private static boolean isBeginning(String rest, String mark) {
        return rest.length() < mark.length() && mark.startsWith(rest);
    }

    /** {@code name[ARGS]{...}}: read as if it were written as JSON. */
    private boolean framed(String rest) {
        String before = form.frame().before();
        int brace = rest.indexOf('{');
        if (brace < 0 && rest.length() < MAX_NAME) {
            return false;
        }
        String head = brace < 0 || !rest.startsWith(before) ? "" : rest.substring(before.length(), brace).strip();
        int end = 0;
        while (end < head.length() && "[<:\n \"\\".indexOf(head.charAt(end)) < 0) {
            end++;
        }
        if (end == 0 || end < head.length() && (head.charAt(end) == '"' || head.charAt(end) == '\\')) {
            return giveUp();
        }
        hold(brace);
        begin();
        for (char c : ("{\"name\":\"" + head.substring(0, end) + "\",\"arguments\":").toCharArray()) {
            scanner.append(c);
        }
        return true;
    }

    private void begin() {
        scanner = switch (form.style()) {
            case JSON, FRAMED -> new CallScanner();
            case XML -> new XmlCallReader(functions);
            case ARG_KEYS -> new ArgKeyReader(functions);
            case PYTHON -> new PythonCallReader();
        };
        begun = false;
        passedOn = 0;
        place = Place.CALL;
    }

    private boolean call() {
        int at = 0;
        var state = CallReader.State.OPEN;
        while (at < buffer.length() && state == CallReader.State.OPEN) {
            state = scanner.append(buffer.charAt(at++));
            if (form.style() == Style.FRAMED && ((CallScanner) scanner).argumentsEnded()) {
                state = scanner.append('}');
            }
        }
        buffer.delete(0, at);
        if (state == CallReader.State.NONE && !begun || scanner.name() != null && !marked && !functions.containsKey(scanner.name())) {
            held.append(scanner.text());
            return giveUp();
        }
        if (scanner.isCall()) {
            passOn();
        }
        if (state == CallReader.State.OPEN) {
            return false;
        }
        scanner = null;
        begun = false;
        afterCall = true;
        held.setLength(0);
        place = form.list() || !form.close().isEmpty() ? Place.BETWEEN : form.bare() ? Place.START : Place.CONTENT;
        return true;
    }

    private void passOn() {
        if (!begun) {
            begun = true;
            pieces.add(new Piece(null, scanner.name(), null));
        }
        String arguments = scanner.arguments();
        if (arguments.length() > passedOn) {
            pieces.add(new Piece(null, null, arguments.substring(passedOn)));
            passedOn = arguments.length();
        }
    }

    /** The mark was one, and what it was about is over. */
    private void leave() {
        if (!afterCall) {
            text(held.toString());
        }
        held.setLength(0);
        place = Place.CONTENT;
    }

    private boolean giveUp() {
        place = Place.CONTENT;
        scanner = null;
        text(held.toString());
        held.setLength(0);
        return true;
    }

    private void hold(int length) {
        held.append(buffer, 0, length);
        buffer.delete(0, length);
    }

    /** White space behind a call is markup. */
    private void text(String text) {
        int start = 0;
        while (afterCall && start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        if (start < text.length()) {
            pieces.add(new Piece(text.substring(start), null, null));
            afterCall = false;
        }
    }

    /** How much of the buffer can't belong to a call any more: all but a beginning of the mark and the white space before it. */
    private int clearLength() {
        return withoutTrailingSpace(buffer.length() - Math.max(begun(form.open()), begun(form.mark())));
    }

    /** How much of {@code mark} stands at the end of the buffer. */
    private int begun(String mark) {
        int length = Math.min(mark.length() - 1, buffer.length());
        while (length > 0 && !mark.startsWith(buffer.substring(buffer.length() - length))) {
            length--;
        }
        return length;
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
