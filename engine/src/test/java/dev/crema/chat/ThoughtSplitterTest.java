package dev.crema.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;

import org.junit.jupiter.api.Test;

class ThoughtSplitterTest {
    private static final String TEMPLATE = "... </think> ...";
    /** Prompt, reply, thoughts, content. */
    private static final String[][] TABLE = {
        {"user: hi\nassistant:", "<think>\nLet me see.\n</think>\n\nHello <b>!", "Let me see.", "Hello <b>!"},
        {"user: hi\nassistant:", "Hello </think>", "", "Hello </think>"},
        {"user: hi\nassistant:", "  <thin", "", "  <thin"},
        {"user: hi\nassistant:", "\n<think>\n\n</think>\n\nYes.", "", "Yes."},
        {"user: hi\nassistant:", "<think>cut off </thi", "cut off </thi", ""},
        {"assistant:<think>\n", "a < b\n\nc</think>Done", "a < b\n\nc", "Done"},
        {"assistant:<think>\n", "never over", "never over", ""},
        {"assistant:<think>\n", "", "", ""},
        {"assistant:<think>\n\n</think>\n\n", "<think>no</think>", "", "<think>no</think>"},
        {"assistant:", "", "", ""},
        {"assistant:", "<think>x</think>", "x", ""},
    };

    /** The same of gpt-oss. */
    private static final String HARMONY = "... <|channel|>analysis<|message|> ...";
    private static final String[][] CHANNELS = {
        {"<|start|>assistant", "<|channel|>analysis<|message|>Let me see.<|end|><|start|>assistant<|channel|>final<|message|>Hello <|b|>!", "Let me see.", "Hello <|b|>!"},
        {"<|start|>assistant", "<|channel|>final<|message|>Hello", "", "Hello"},
        {"<|start|>assistant", "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>analysis<|message|>b<|end|><|start|>assistant<|channel|>final<|message|>c",
            "a\nb", "c"},
        {"<|start|>assistant", "<|channel|>analysis<|message|>cut off", "cut off", ""},
        {"<|start|>assistant", "<|channel|>analysis<|message|>a<|end|><|start|>assis", "a", ""},
        {"<|start|>assistant", "Hello", "", "Hello"},
    };

    @Test
    void partsThoughtsFromContentHoweverTheTextIsCut() {
        check(TEMPLATE, TABLE);
        check(HARMONY, CHANNELS);
    }

    private static void check(String template, String[][] table) {
        var random = new Random(2);
        for (String[] row : table) {
            for (int round = 0; round < 40; round++) {
                var splitter = new ThoughtSplitter(Thinking.of(template, row[0], false));
                var thought = new StringBuilder();
                var content = new StringBuilder();
                for (int at = 0; at < row[1].length(); ) {
                    int end = Math.min(row[1].length(), at + 1 + random.nextInt(round + 1));
                    add(splitter.append(row[1].substring(at, end)), thought, content);
                    at = end;
                }
                add(splitter.finish(), thought, content);
                assertEquals(row[2], thought.toString(), row[1]);
                assertEquals(row[3], content.toString(), row[1]);
            }
        }
    }

    private static void add(ThoughtSplitter.Split split, StringBuilder thought, StringBuilder content) {
        thought.append(split.thought());
        content.append(split.content());
    }

    @Test
    void templatesAndPromptsSayWhetherThereAreThoughts() {
        assertEquals(Thinking.NONE, Thinking.of("no marks", "a", false));
        assertEquals(Thinking.Start.MAYBE, Thinking.of(TEMPLATE, "a", false).start());
        assertEquals(Thinking.Start.OPEN, Thinking.of(TEMPLATE, "a<think>\n", false).start());
        assertEquals(Thinking.Start.NEVER, Thinking.of(TEMPLATE, "a<think>\n\n</think>\n\n", false).start());
        assertEquals(Thinking.Start.OPEN, Thinking.of(TEMPLATE, "a<think>\nwell", true).start());
        assertEquals(Thinking.Start.NEVER, Thinking.of(TEMPLATE, "a<think>\nwell</think>so", true).start());
        assertEquals(Thinking.Start.MAYBE, Thinking.of(HARMONY, "<|end|><|start|>assistant", false).start());
        assertEquals(Thinking.Start.NEVER, Thinking.of(HARMONY, "<|end|><|start|>assistant<|channel|>final<|message|>so", true).start());
        assertEquals(Thinking.Start.OPEN, Thinking.of(HARMONY, "<|end|><|start|>assistant<|channel|>analysis<|message|>so", true).start());
        assertEquals("[/THINK]", Thinking.of("[THINK] [/THINK]", "a", false).close());
    }
}
