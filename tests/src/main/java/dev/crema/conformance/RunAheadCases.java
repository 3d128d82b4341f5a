package dev.crema.conformance;

import dev.crema.conformance.InvariantCase.Subject;
import dev.crema.device.Batch;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.device.Step;
import dev.crema.sampling.Sampler;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.sampling.TokenMask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Steps that are submitted before the host has read what the steps before sampled: the texts are those of the host's own sampler, fed from
 * rows of logits step by step.
 */
final class RunAheadCases {
    private static final int LENGTH = 40;

    /** A text to write: where its random prompt comes from, and how it is sampled. */
    private record Text(int seed, int promptTokens, SamplingParams params, TokenMask mask) {
        SampleSpec spec() {
            return new SampleSpec(params, 1000 + seed, promptTokens, mask);
        }

        int[] prompt(Subject subject) {
            return subject.text(seed, promptTokens);
        }
    }

    private RunAheadCases() { }

    static void addTo(CaseList list, Limits limits) {
        for (Map.Entry<String, SamplingParams> rule : rules().entrySet()) {
            add(list, limits, "equalsStepByStep/" + rule.getKey(), subject -> check(subject, List.of(new Text(30, 11, rule.getValue(), null)), 8));
        }
        add(list, limits, "equalsStepByStep/mask", subject -> check(subject, List.of(new Text(31, 5, rules().get("all"), odd())), 8));
        for (int depth : new int[] {1, 2, 3, 8}) {
            add(list, limits, "sequencesTogether/depth" + depth, subject -> check(subject, texts(6), depth));
        }
        add(list, limits, "moreSequencesThanLanes", RunAheadCases::moreSequencesThanLanes);
        add(list, limits, "forksGoOnAlone", RunAheadCases::forksGoOnAlone);
        add(list, limits, "voidStepsAreTruncated", RunAheadCases::voidStepsAreTruncated);
        add(list, limits, "onlyWhatTheStepBeforeSampled", RunAheadCases::onlyWhatTheStepBeforeSampled);
    }

    private static void add(CaseList list, Limits limits, String name, InvariantCase.Body body) {
        list.cases.add(new InvariantCase("invariants/runAhead/" + name, limits, body));
    }

    private static Map<String, SamplingParams> rules() {
        return Map.of("greedy", SamplingParams.GREEDY,
            "temperature", new SamplingParams(1.2f, 0, 1, 0, 1, 1, 0, 0, Map.of()),
            "filters", new SamplingParams(1.2f, 30, 0.9f, 0.02f, 0.95f, 1, 0, 0, Map.of()),
            "penalties", new SamplingParams(0, 0, 1, 0, 1, 1.3f, 0.2f, 0.3f, Map.of()),
            "bias", new SamplingParams(0, 0, 1, 0, 1, 1, 0, 0, Map.of(3, 2f, 77, -100f)),
            "all", new SamplingParams(1.5f, 40, 0.95f, 0.01f, 0.97f, 1.2f, 0.1f, 0.2f, Map.of(5, 1.5f, 6, -1f)));
    }

    private static TokenMask odd() {
        int[] words = new int[(TinyLlama.VOCAB + 31) / 32];
        Arrays.fill(words, 0xAAAAAAAA);
        return TokenMask.of(TinyLlama.VOCAB, words);
    }

    private static List<Text> texts(int count) {
        var texts = new ArrayList<Text>();
        for (int i = 0; i < count; i++) {
            SamplingParams params = rules().get(List.of("all", "greedy", "penalties").get(i % 3));
            texts.add(new Text(40 + i, 1 + 7 * i % 20, params, i == 4 ? odd() : null));
        }
        return texts;
    }

    /** Prompt and reply by the definition: one sequence, one token a step, sampled from its row. */
    private static int[] expected(Subject subject, int[] prompt, SampleSpec spec, int length) {
        var sampler = new Sampler();
        int[] text = Arrays.copyOf(prompt, prompt.length + length);
        try (Sequence sequence = subject.sequence()) {
            float[] logits = subject.awaitLogits(sequence, prompt);
            for (int at = prompt.length; at < text.length; at++) {
                Mismatch.require(logits.length == TinyLlama.VOCAB, logits.length + " logits for one row");
                text[at] = sampler.sample(logits, 0, TinyLlama.VOCAB, spec, at, text, at);
                logits = at + 1 < text.length ? subject.awaitLogits(sequence, text[at]) : null;
            }
        }
        return text;
    }

    private static int[] expected(Subject subject, Text text) {
        return expected(subject, text.prompt(subject), text.spec(), LENGTH);
    }

    /** Steps under way whose tokens the host has not read; they end up in {@code texts}, one a sequence. */
    private static final class Ahead {
        final Subject subject;
        final int depth;
        final List<Step> steps = new ArrayList<>();
        final List<List<Integer>> readers = new ArrayList<>();
        final List<List<Integer>> texts = new ArrayList<>();

        Ahead(Subject subject, int depth, int sequences) {
            this.subject = subject;
            this.depth = depth;
            for (int i = 0; i < sequences; i++) {
                texts.add(new ArrayList<>());
            }
        }

        /** Submits a step; {@code rows} says which text the token of each item belongs to. */
        void awaitSubmit(List<Batch.Item> items, List<Integer> rows) {
            steps.add(subject.executable().submit(new Batch(items)));
            readers.add(rows);
            if (steps.size() > depth) {
                awaitOldest();
            }
        }

        void awaitOldest() {
            int[] tokens = steps.remove(0).awaitTokens();
            List<Integer> rows = readers.remove(0);
            for (int i = 0; i < tokens.length; i++) {
                texts.get(rows.get(i)).add(tokens[i]);
            }
        }

        void awaitAll() {
            while (!steps.isEmpty()) {
                awaitOldest();
            }
        }

        void check(int text, int[] whole, int from) {
            int[] reply = texts.get(text).stream().mapToInt(Integer::intValue).toArray();
            int[] expected = Arrays.copyOfRange(whole, from, from + reply.length);
            Mismatch.require(Arrays.equals(expected, reply), "text " + text + " is " + Arrays.toString(reply) + ", step by step "
                + Arrays.toString(expected));
        }
    }

    private static Batch.Item item(Sequence sequence, int[] tokens, SampleSpec spec) {
        return new Batch.Item(sequence, tokens, 1, spec, false);
    }

    /** All texts in one batch; from the second step on no token comes from the host. Each joins when the one before has had a step. */
    private static Difference check(Subject subject, List<Text> texts, int depth) {
        var ahead = new Ahead(subject, depth, texts.size());
        var sequences = new ArrayList<Sequence>();
        for (int step = 0; step < LENGTH; step++) {
            var items = new ArrayList<Batch.Item>();
            var rows = new ArrayList<Integer>();
            for (int i = 0; i < Math.min(texts.size(), step + 1); i++) {
                if (sequences.size() == i) {
                    sequences.add(subject.sequence());
                }
                int[] tokens = i == step ? texts.get(i).prompt(subject) : new int[] {Batch.SAMPLED};
                // The order within the batch changes from step to step.
                int at = step % 2 == 0 ? items.size() : 0;
                items.add(at, item(sequences.get(i), tokens, texts.get(i).spec()));
                rows.add(at, i);
            }
            ahead.awaitSubmit(items, rows);
        }
        ahead.awaitAll();
        sequences.forEach(Sequence::close);
        for (int i = 0; i < texts.size(); i++) {
            ahead.check(i, expected(subject, texts.get(i)), texts.get(i).promptTokens());
        }
        return Difference.NONE;
    }

    /** Nine texts over six lanes: they take turns, so that each finds its lane taken; the host feeds a token after a pause. */
    private static Difference moreSequencesThanLanes(Subject subject) {
        List<Text> texts = texts(9);
        var ahead = new Ahead(subject, 0, texts.size());
        var sequences = new ArrayList<Sequence>();
        for (Text text : texts) {
            sequences.add(subject.sequence());
        }
        for (int turn = 0; turn < 9; turn++) {
            var items = new ArrayList<Batch.Item>();
            var rows = new ArrayList<Integer>();
            for (int i = turn % 3; i < 9; i += 3) {
                List<Integer> reply = ahead.texts.get(i);
                items.add(item(sequences.get(i), turn < 3 ? texts.get(i).prompt(subject) : new int[] {reply.get(reply.size() - 1)}, texts.get(i).spec()));
                rows.add(i);
            }
            ahead.awaitSubmit(items, rows);
            var next = new ArrayList<Batch.Item>();
            for (Batch.Item item : items) {
                next.add(item(item.sequence(), new int[] {Batch.SAMPLED}, item.sample()));
            }
            ahead.awaitSubmit(next, rows);
        }
        sequences.forEach(Sequence::close);
        for (int i = 0; i < 9; i++) {
            ahead.check(i, expected(subject, texts.get(i)), texts.get(i).promptTokens());
        }
        return Difference.NONE;
    }

    /** A fork shares pages and text, and counts for itself from then on. */
    private static Difference forksGoOnAlone(Subject subject) {
        var text = new Text(60, 13, rules().get("penalties"), null);
        int[] whole = expected(subject, text);
        int[] head = Arrays.copyOf(whole, 13 + 9);
        int[] other = subject.text(61, 4);
        var ahead = new Ahead(subject, 8, 2);
        try (Sequence original = subject.sequence()) {
            ahead.awaitSubmit(List.of(item(original, head, text.spec())), List.of(0));
            try (Sequence fork = original.fork()) {
                Mismatch.require(!fork.hasSampled(), "a fork has sampled nothing");
                ahead.awaitSubmit(List.of(item(original, new int[] {Batch.SAMPLED}, text.spec()), item(fork, other, text.spec())), List.of(0, 1));
                for (int i = 0; i < 12; i++) {
                    ahead.awaitSubmit(List.of(item(fork, new int[] {Batch.SAMPLED}, text.spec()), item(original, new int[] {Batch.SAMPLED}, text.spec())),
                        List.of(1, 0));
                }
                ahead.awaitAll();
            }
        }
        ahead.check(0, whole, head.length);
        int[] forked = Arrays.copyOf(head, head.length + other.length);
        System.arraycopy(other, 0, forked, head.length, other.length);
        ahead.check(1, expected(subject, forked, text.spec(), 13), forked.length);
        return Difference.NONE;
    }

    /** Steps that came too much are taken back; the text goes on from the host's token as if they had not been. */
    private static Difference voidStepsAreTruncated(Subject subject) {
        var text = new Text(70, 15, rules().get("all"), null);
        int[] whole = expected(subject, text);
        for (int kept : new int[] {0, 1, 2, 17}) {
            var ahead = new Ahead(subject, 8, 2);
            try (Sequence sequence = subject.sequence()) {
                ahead.awaitSubmit(List.of(item(sequence, text.prompt(subject), text.spec())), List.of(0));
                for (int i = 0; i < kept + 5; i++) {
                    ahead.awaitSubmit(List.of(item(sequence, new int[] {Batch.SAMPLED}, text.spec())), List.of(0));
                }
                sequence.truncate(15 + kept);
                Mismatch.require(!sequence.hasSampled(), "what was truncated can't go on by itself");
                int[] other = {(whole[15 + kept] + 1) % TinyLlama.VOCAB};
                ahead.awaitSubmit(List.of(item(sequence, other, text.spec())), List.of(1));
                ahead.awaitSubmit(List.of(item(sequence, new int[] {Batch.SAMPLED}, text.spec())), List.of(1));
                ahead.awaitAll();
                ahead.check(0, whole, 15);
                int[] changed = Arrays.copyOf(whole, 15 + kept + 1);
                changed[15 + kept] = other[0];
                ahead.check(1, expected(subject, changed, text.spec(), 2), changed.length);
            }
        }
        return Difference.NONE;
    }

    private static Difference onlyWhatTheStepBeforeSampled(Subject subject) {
        SampleSpec greedy = new SampleSpec(SamplingParams.GREEDY, 0);
        try (Sequence one = subject.sequence(); Sequence two = subject.sequence()) {
            refused(subject, item(one, new int[] {Batch.SAMPLED}, greedy));
            subject.executable().submit(new Batch(List.of(item(one, new int[] {1}, greedy), item(two, new int[] {2}, null))));
            refused(subject, item(two, new int[] {Batch.SAMPLED}, greedy));
            refused(subject, item(one, new int[] {1, Batch.SAMPLED}, greedy));
            refused(subject, item(one, new int[] {1}, new SampleSpec(SamplingParams.GREEDY, 0, 0, TokenMask.allowing(TinyLlama.VOCAB - 1, 3))));
            subject.executable().submit(new Batch(List.of(item(two, new int[] {3}, greedy))));
            refused(subject, item(one, new int[] {Batch.SAMPLED}, greedy));
            subject.executable().submit(new Batch(List.of(item(two, new int[] {Batch.SAMPLED}, greedy)))).awaitTokens();
            Mismatch.require(one.length() == 1 && two.length() == 3, "refused batches changed lengths: " + one.length() + ", " + two.length());
        }
        return Difference.NONE;
    }

    private static void refused(Subject subject, Batch.Item item) {
        boolean thrown = false;
        try {
            subject.executable().submit(new Batch(List.of(item)));
        } catch (IllegalArgumentException e) {
            thrown = true;
        }
        Mismatch.require(thrown, "a token was accepted that the step before did not sample");
    }
}
