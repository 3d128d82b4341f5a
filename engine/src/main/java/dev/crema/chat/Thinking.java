package dev.crema.chat;

/**
 * How a model marks its thoughts, and where a reply to a prompt stands.
 *
 * @param open  what begins them
 * @param close what ends them
 */
public record Thinking(String open, String close, Start start) {
    /** Whether a reply has no thoughts, may begin with them, or begins within them. */
    public enum Start { NEVER, MAYBE, OPEN }

    /** Of a model that does not think. */
    public static final Thinking NONE = new Thinking("", "", Start.NEVER);
    private static final String[][] MARKS = {{"<think>", "</think>"}, {"[THINK]", "[/THINK]"}};

    /** As the template says, and the prompt that it made; {@code continues} where the prompt ends in the middle of the reply. */
    public static Thinking of(String template, String prompt, boolean continues) {
        for (String[] marks : MARKS) {
            if (template.contains(marks[1])) {
                return new Thinking(marks[0], marks[1], start(marks[0], marks[1], prompt.stripTrailing(), continues));
            }
        }
        return NONE;
    }

    private static Start start(String open, String close, String prompt, boolean continues) {
        if (continues) {
            return prompt.lastIndexOf(open) > prompt.lastIndexOf(close) && prompt.lastIndexOf(open) >= 0 ? Start.OPEN : Start.NEVER;
        }
        return prompt.endsWith(open) ? Start.OPEN : prompt.endsWith(close) ? Start.NEVER : Start.MAYBE;
    }
}
