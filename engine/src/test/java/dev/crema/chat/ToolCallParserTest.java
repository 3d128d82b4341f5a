package dev.crema.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

class ToolCallParserTest {
    private static final String[][] TABLE = {
        {"", ""},
        {"plain text ", "plain text "},
        {"a < b <tool", "a < b <tool"},
        {"<tool_call>{\"name\":\"f\",\"arguments\":{\"x\":1}}</tool_call>", "[f {\"x\":1}]"},
        {"\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>\n", "[f {}]"},
        {"Let me see. \n<tool_call>{\"name\":\"f\"}</tool_call> \n <tool_call>{\"name\":\"g\",\"parameters\":{\"a\":null}}</tool_call>\n",
            "Let me see.[f {}][g {\"a\":null}]"},
        {"<tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}</tool_call>", "[f {\"x\":1}]"},
        {"<tool_call>{\"name\":\"f\"}</tool_call>\n\nDone. ", "[f {}]Done. "},
        {"x <tool_call>{oops}</tool_call> y", "x <tool_call>{oops}</tool_call> y"},
        {"<tool_call>{\"arguments\":{}}</tool_call>", "<tool_call>{\"arguments\":{}}</tool_call>"},
        {"<tool_call>[1]</tool_call>", "<tool_call>[1]</tool_call>"},
        {"<tool_call>{\"name\":\"f\",\"arguments\":{}}", "[f {}]"},
        {"<tool_call>{\"name\":\"f\",\"argu", "<tool_call>{\"name\":\"f\",\"argu"},
        {"<<tool_call>{\"name\":\"f\"}</tool_call>", "<[f {}]"},
        {"<tool_call>{\"name\":\"f\",\"arguments\":{\"s\":\"<tool_call>\"}}</tool_call>", "[f {\"s\":\"<tool_call>\"}]"},
    };

    @Test
    void takesCallsOutHoweverTheTextIsCut() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (String[] row : TABLE) {
            for (int round = 0; round < 50; round++) {
                assertEquals(row[1], parsed(row[0], round == 0 ? row[0].length() : 1 + random.nextInt(12), random), row[0]);
            }
        }
    }

    @Test
    void dropsACallThatIsCutOff() {
        var parser = new ToolCallParser();
        assertEquals("Hm.", parser.append("Hm. <tool_call>{\"name\":\"f\",\"argu").get(0).content());
        assertEquals(List.of(), parser.finish(true));
    }

    private static String parsed(String text, int longest, Random random) {
        var parser = new ToolCallParser();
        var out = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int end = Math.min(text.length(), at + 1 + (longest == text.length() ? longest : random.nextInt(longest)));
            add(parser.append(text.substring(at, end)), out);
            at = end;
        }
        add(parser.finish(false), out);
        return out.toString();
    }

    private static void add(List<ToolCallParser.Piece> pieces, StringBuilder out) {
        for (ToolCallParser.Piece piece : pieces) {
            if (piece.call() == null) {
                assertFalse(piece.content().isEmpty());
                out.append(piece.content());
            } else {
                out.append('[').append(piece.call().name()).append(' ').append(piece.call().arguments()).append(']');
            }
        }
    }
}
