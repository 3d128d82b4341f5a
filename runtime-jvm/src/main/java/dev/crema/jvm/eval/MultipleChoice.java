package dev.crema.jvm.eval;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.tokenizer.Tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;

/**
 * How often the right ending of a text is the likeliest of several.
 *
 * @param accuracy   by the sum of the ending's log-probabilities
 * @param accuracyByByte by that sum over the ending's bytes, so that longer endings are not at a disadvantage
 */
public record MultipleChoice(int questions, double accuracy, double accuracyByByte) {
    /** A line of the task: a beginning, endings to choose from, and the index of the right one. */
    public record Question(String query, List<String> choices, int answer) { }

    /** JSON lines: {@code {"query": "...", "choices": ["...", "..."], "answer": 0}}. */
    public static List<Question> parse(String lines) {
        List<Question> questions = new ArrayList<>();
        int number = 0;
        for (String line : lines.split("\n")) {
            number++;
            if (!line.isBlank()) {
                questions.add(question(line, number));
            }
        }
        if (questions.isEmpty()) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "There are no questions.", "One JSON object a line: query, choices, answer.");
        }
        return questions;
    }

    private static Question question(String text, int line) {
        Json.Obj json;
        try {
            json = JsonParser.parseObject(text);
        } catch (CremaException e) {
            json = new Json.Obj();
        }
        if (json.get("query") instanceof Json.Str query && json.get("choices") instanceof Json.Arr choices && json.get("answer") instanceof Json.Num answer
                && choices.size() > 1 && answer.isInteger() && answer.longValue() >= 0 && answer.longValue() < choices.size()
                && choices.items().stream().allMatch(choice -> choice instanceof Json.Str ending && !ending.value().isEmpty())) {
            return new Question(query.value(), choices.items().stream().map(choice -> ((Json.Str) choice).value()).toList(), (int) answer.longValue());
        }
        throw new CremaException(ErrorCode.INVALID_REQUEST, "Line " + line + " is no question.",
            "Expected: {\"query\": \"...\", \"choices\": [\"...\", \"...\"], \"answer\": 0}.");
    }

    public static MultipleChoice await(Scorer scorer, List<Question> questions, DoubleConsumer share) {
        int right = 0;
        int rightByByte = 0;
        int done = 0;
        for (Question question : questions) {
            double[] scores = question.choices.stream().mapToDouble(choice -> score(scorer, question.query, choice)).toArray();
            double[] byByte = new double[scores.length];
            for (int i = 0; i < scores.length; i++) {
                byByte[i] = scores[i] / question.choices.get(i).getBytes(StandardCharsets.UTF_8).length;
            }
            right += largest(scores) == question.answer ? 1 : 0;
            rightByByte += largest(byByte) == question.answer ? 1 : 0;
            share.accept(++done / (double) questions.size());
        }
        return new MultipleChoice(questions.size(), right / (double) questions.size(), rightByByte / (double) questions.size());
    }

    private static int largest(double[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    /** The sum of log-probabilities of what stands behind the tokens that the whole shares with the query alone. */
    private static double score(Scorer scorer, String query, String choice) {
        Tokenizer tokenizer = scorer.model().tokenizer();
        int[] whole = withBegin(tokenizer, query + choice);
        int[] beginning = withBegin(tokenizer, query);
        if (whole.length > scorer.contextLength()) {
            throw new CremaException(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "A question of " + whole.length + " tokens does not fit into a context of "
                + scorer.contextLength() + ".", "");
        }
        int shared = 0;
        while (shared < beginning.length && shared < whole.length - 1 && beginning[shared] == whole[shared]) {
            shared++;
        }
        int first = Math.max(1, shared);
        double[] sum = {0};
        scorer.awaitRows(whole, (position, logits, from, vocab) -> {
            if (position + 1 >= first && position + 1 < whole.length) {
                sum[0] += logits[from + whole[position + 1]] - Scorer.logSum(logits, from, vocab);
            }
        });
        return sum[0];
    }

    private static int[] withBegin(Tokenizer tokenizer, String text) {
        int[] tokens = tokenizer.encode(text, Tokenizer.Special.TEXT);
        if (!tokenizer.addsBos() || tokenizer.bos() < 0) {
            return tokens;
        }
        int[] all = new int[tokens.length + 1];
        all[0] = tokenizer.bos();
        System.arraycopy(tokens, 0, all, 1, tokens.length);
        return all;
    }

    /** To print or to compare. */
    public Json.Obj toJson() {
        return new Json.Obj().put("accuracy", accuracy).put("accuracy_by_byte", accuracyByByte).put("questions", (long) questions);
    }
}
