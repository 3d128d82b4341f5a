package dev.crema.conformance;

import dev.crema.conformance.InvariantCase.Subject;
import dev.crema.device.Batch;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.device.Step;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What must not make a difference: chunks, company, forks, truncations, steps under way, refused batches. */
final class InvariantCases {
    private static final Limits LIMITS = new Limits(64, 16, 6, 128, 40);

    private InvariantCases() { }

    static void addTo(CaseList list) {
        for (int chunk : new int[] {1, 2, 15, 16, 17, 40}) {
            add(list, "prefillEqualsSteps/chunk" + chunk, subject -> prefillEqualsSteps(subject, chunk));
        }
        add(list, "truncateEqualsRecompute", InvariantCases::truncateEqualsRecompute);
        add(list, "forkEqualsRecompute", InvariantCases::forkEqualsRecompute);
        for (DType format : List.of(DType.F32, DType.Q8_0, DType.Q4_0)) {
            list.cases.add(new InvariantCase("invariants/computedAgain/" + format.name().toLowerCase(), format, LIMITS, InvariantCases::computedAgain));
        }
        add(list, "batchEqualsMembers", InvariantCases::batchEqualsMembers);
        add(list, "sameSeedSameTokens", InvariantCases::sameSeedSameTokens);
        add(list, "stepsOverlap", InvariantCases::stepsOverlap);
        RunAheadCases.addTo(list, LIMITS);
        add(list, "refusedBatchChangesNothing", InvariantCases::refusedBatchChangesNothing);
    }

    private static void add(CaseList list, String name, InvariantCase.Body body) {
        list.cases.add(new InvariantCase("invariants/" + name, LIMITS, body));
    }

    private static Difference prefillEqualsSteps(Subject subject, int chunk) {
        int[] text = subject.text(1, 53);
        try (Sequence sequence = subject.sequence()) {
            return subject.check(subject.awaitFresh(text), subject.awaitChunks(sequence, text, chunk), "chunks of " + chunk);
        }
    }

    private static Difference truncateEqualsRecompute(Subject subject) {
        Difference worst = Difference.NONE;
        for (int length : new int[] {0, 1, 15, 16, 17, 31, 40}) {
            try (Sequence sequence = subject.sequence()) {
                int[] text = subject.text(2, 41);
                subject.awaitLogits(sequence, text);
                sequence.truncate(length);
                int[] other = subject.text(3, 9);
                float[] found = subject.awaitLogits(sequence, other);
                worst = worst.orWorse(subject.check(subject.awaitFresh(joined(text, length, other)), found, "truncated to " + length));
            }
        }
        return worst;
    }

    private static Difference forkEqualsRecompute(Subject subject) {
        Difference worst = Difference.NONE;
        for (int length : new int[] {1, 16, 21, 32}) {
            int[] text = subject.text(4, length);
            int[] left = subject.text(5, 12);
            int[] right = subject.text(6, 20);
            try (Sequence original = subject.sequence()) {
                subject.awaitLogits(original, text);
                try (Sequence fork = original.fork()) {
                    float[] forked = subject.awaitLogits(fork, right);
                    float[] kept = subject.awaitLogits(original, left);
                    worst = worst.orWorse(subject.check(subject.awaitFresh(joined(text, length, right)), forked, "fork at " + length));
                    worst = worst.orWorse(subject.check(subject.awaitFresh(joined(text, length, left)), kept, "original of a fork at " + length));
                }
            }
        }
        return worst;
    }

    /**
     * As after a lost device: a prompt that was computed in one piece comes in two, the second of which is small, and a reply that was computed
     * token by token comes in the largest pieces that count as decode steps. The same within the rounding of sums, in every format.
     */
    private static Difference computedAgain(Subject subject) {
        int[] prompt = subject.text(30, 40);
        int[] reply = subject.text(31, 21);
        float[] expected;
        try (Sequence sequence = subject.sequence()) {
            subject.awaitLogits(sequence, prompt);
            expected = subject.awaitChunks(sequence, reply, 1);
        }
        try (Sequence sequence = subject.sequence()) {
            subject.awaitLogits(sequence, Arrays.copyOf(prompt, 35));
            var rest = Subject.item(sequence, Arrays.copyOfRange(prompt, 35, 40), null);
            subject.executable().submit(new Batch(List.of(rest), true));
            float[] found = subject.awaitChunks(sequence, reply, Math.min(reply.length, subject.executable().decodeRows()));
            return subject.check(expected, found, "computed again");
        }
    }

    private static int[] joined(int[] head, int length, int[] tail) {
        int[] both = Arrays.copyOf(head, length + tail.length);
        System.arraycopy(tail, 0, both, length, tail.length);
        return both;
    }

    private static Difference batchEqualsMembers(Subject subject) {
        int[] lengths = {1, 19, 33, 2};
        var items = new ArrayList<Batch.Item>();
        for (int i = 0; i < lengths.length; i++) {
            Sequence sequence = subject.sequence();
            subject.awaitLogits(sequence, subject.text(10 + i, 5 * i + 1));
            items.add(Subject.item(sequence, subject.text(20 + i, lengths[i]), null));
        }
        float[] together = subject.executable().submit(new Batch(items)).awaitLogits();
        Mismatch.require(together.length == lengths.length * TinyLlama.VOCAB, together.length + " logits for " + lengths.length + " rows");
        Difference worst = Difference.NONE;
        for (int i = 0; i < lengths.length; i++) {
            items.get(i).sequence().close();
            float[] alone = subject.awaitFresh(joined(subject.text(10 + i, 5 * i + 1), 5 * i + 1, subject.text(20 + i, lengths[i])));
            float[] found = Arrays.copyOfRange(together, i * TinyLlama.VOCAB, (i + 1) * TinyLlama.VOCAB);
            worst = worst.orWorse(subject.check(alone, found, "member " + i));
        }
        return worst;
    }

    /** The draw of a sequence does not depend on who else is in the batch, nor on when it is drawn. */
    private static Difference sameSeedSameTokens(Subject subject) {
        var spec = new SampleSpec(new SamplingParams(1, 0, 0.95f, 0, 1, 1, 0, 0, Map.of()), 99);
        int[] first = awaitDrawn(subject, spec, false);
        int[] again = awaitDrawn(subject, spec, false);
        int[] inCompany = awaitDrawn(subject, spec, true);
        Mismatch.require(Arrays.equals(first, again), "the same seed gave " + Arrays.toString(first) + " and then " + Arrays.toString(again));
        Mismatch.require(Arrays.equals(first, inCompany), "alone " + Arrays.toString(first) + ", in a batch " + Arrays.toString(inCompany));
        return Difference.NONE;
    }

    private static int[] awaitDrawn(Subject subject, SampleSpec spec, boolean inCompany) {
        int[] drawn = new int[24];
        try (Sequence sequence = subject.sequence(); Sequence other = subject.sequence()) {
            int[] next = subject.text(7, 11);
            for (int i = 0; i < drawn.length; i++) {
                var items = new ArrayList<Batch.Item>();
                if (inCompany) {
                    items.add(Subject.item(other, subject.text(i, 1 + i % 3), new SampleSpec(SamplingParams.GREEDY, 0)));
                }
                items.add(Subject.item(sequence, next, spec));
                drawn[i] = subject.executable().submit(new Batch(items)).awaitTokens()[items.size() - 1];
                next = new int[] {drawn[i]};
            }
        }
        return drawn;
    }

    /** The results of a step can be read until the next but one is submitted. */
    private static Difference stepsOverlap(Subject subject) {
        int[] text = subject.text(8, 30);
        float[][] expected = new float[text.length][];
        try (Sequence sequence = subject.sequence()) {
            for (int i = 0; i < text.length; i++) {
                expected[i] = subject.awaitLogits(sequence, text[i]);
            }
        }
        Difference worst = Difference.NONE;
        try (Sequence sequence = subject.sequence()) {
            Step before = null;
            for (int i = 0; i < text.length; i++) {
                Step step = subject.executable().submit(new Batch(List.of(Subject.item(sequence, new int[] {text[i]}, null))));
                if (before != null) {
                    worst = worst.orWorse(subject.check(expected[i - 1], before.awaitLogits(), "step " + (i - 1) + " read late"));
                }
                before = step;
            }
        }
        return worst;
    }

    private static Difference refusedBatchChangesNothing(Subject subject) {
        int[] text = subject.text(9, 20);
        try (Sequence sequence = subject.sequence(); Sequence closed = subject.sequence()) {
            float[] expected = subject.awaitFresh(joined(text, 20, new int[] {5}));
            subject.awaitLogits(sequence, text);
            closed.close();
            refused(subject, Subject.item(sequence, new int[] {TinyLlama.VOCAB}, null));
            refused(subject, Subject.item(sequence, new int[] {-1}, null));
            refused(subject, Subject.item(sequence, new int[65], null));
            refused(subject, Subject.item(sequence, new int[] {1}, null), Subject.item(closed, new int[] {1}, null));
            refused(subject, Subject.item(sequence, new int[] {1}, null), Subject.item(sequence, new int[] {1}, null));
            Mismatch.require(sequence.length() == 20, "a refused batch left " + sequence.length() + " tokens, expected 20");
            return subject.check(expected, subject.awaitLogits(sequence, 5), "after refused batches");
        }
    }

    private static void refused(Subject subject, Batch.Item... items) {
        boolean thrown = false;
        try {
            subject.executable().submit(new Batch(List.of(items)));
        } catch (IllegalArgumentException | IllegalStateException e) {
            thrown = true;
        }
        Mismatch.require(thrown, "a batch that breaks the limits was accepted");
    }
}
