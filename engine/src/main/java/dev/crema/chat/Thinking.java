package dev.crema.chat;

import java.util.List;

/**
 * How a model marks its thoughts, and where a reply to a prompt stands.
 *
 * @param open    what begins them
 * @param close   what ends them
 * @param between what comes before anything else that follows them; mostly empty
 * @param answer  what begins the content, behind thoughts or without; mostly empty
 */
public record Thinking(String open, String close, String between, String answer, Start start) {
    /** Whether a reply has no thoughts, may begin with them, or begins within them. */
    public enum Start { NEVER, MAYBE, OPEN }

    /** Of a model that does not think. */
    public static final Thinking NONE = new Thinking("", "", "", "", Start.NEVER);
    /** Channels of gpt-oss (OpenAI's Harmony format); what goes to the analysis channel is thought. */
    private static final Thinking HARMONY = new Thinking("<|channel|>analysis<|message|>", "<|end|>", "<|start|>assistant", "<|channel|>final<|message|>",
        Start.MAYBE);
    private static final List<String> HARMONY_TOKENS = List.of("<|channel|>", "<|message|>", "<|end|>", "<|start|>");
    private static final String[][] MARKS = {{"<think>", "</think>"}, {"[THINK]", "[/THINK]"}, {"<|START_THINKING|>", "<|END_THINKING|>"}};

    /** As the template says, and the prompt that it made; {@code continues} where the prompt ends in the middle of the reply. */
    public static Thinking of(String template, String prompt, boolean continues) {
        if (template.contains(HARMONY.open)) {
            return continues ? new Thinking(HARMONY.open, HARMONY.close, HARMONY.between, HARMONY.answer, continued(prompt)) : HARMONY;
        }
        for (String[] marks : MARKS) {
            if (template.contains(marks[1])) {
                return new Thinking(marks[0], marks[1], "", "", start(marks[0], marks[1], prompt.stripTrailing(), continues));
            }
        }
        return NONE;
    }

    private static Start continued(String prompt) {
        return prompt.lastIndexOf(HARMONY.open) > Math.max(prompt.lastIndexOf(HARMONY.answer), prompt.lastIndexOf(HARMONY.close)) ? Start.OPEN : Start.NEVER;
    }

    /** The tokens, mostly special ones, that marks are made of. */
    public List<String> tokens() {
        return answer.isEmpty() ? List.of(open, close) : HARMONY_TOKENS;
    }

    private static Start start(String open, String close, String prompt, boolean continues) {
        if (continues) {
            return prompt.lastIndexOf(open) > prompt.lastIndexOf(close) && prompt.lastIndexOf(open) >= 0 ? Start.OPEN : Start.NEVER;
        }
        return prompt.endsWith(open) ? Start.OPEN : prompt.endsWith(close) ? Start.NEVER : Start.MAYBE;
    }
}
