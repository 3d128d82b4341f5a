package dev.crema.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.json.Json;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

class EngineTest {
    private static final int VOCAB = 128;
    private static final int END = 127;

    private final FakeExecutable device = new FakeExecutable(VOCAB, new Limits(32, 4, 4, 128, 24));
    private final Engine engine = new Engine(model(END), device, EngineOptions.DEFAULT, Clock.SYSTEM);

    /** Keeps all that it hears, and checks the order. */
    private static class Recorder implements GenerationListener {
        final StringBuilder text = new StringBuilder();
        final List<TokenLogprob> logprobs = new ArrayList<>();
        Finish reason;
        int[] tokens;
        GenerationStats stats;
        CremaException error;

        @Override
        public void onText(String delta, List<TokenLogprob> more) {
            assertFalse(ended(), "text after the end");
            text.append(delta);
            logprobs.addAll(more);
        }

        @Override
        public void onFinish(Finish reason, int[] tokens, GenerationStats stats) {
            assertFalse(ended(), "a second end");
            this.reason = reason;
            this.tokens = tokens;
            this.stats = stats;
        }

        @Override
        public void onError(CremaException error) {
            assertFalse(ended(), "a second end");
            this.error = error;
        }

        boolean ended() {
            return reason != null || error != null;
        }
    }

    @Test
    void writesWhatTheDeviceSaysUntilTheEndToken() {
        for (int i = 0; i < 20; i++) {
            int[] prompt = {i, 1, 2};
            Recorder recorder = run(request(prompt, 100).build());
            int[] expected = expected(prompt, 100);
            assertArrayEquals(expected, recorder.tokens);
            assertEquals(expected.length < 100 ? GenerationListener.Finish.STOP : GenerationListener.Finish.LENGTH, recorder.reason);
            assertEquals(ascii(expected), recorder.text.toString());
        }
    }

    @Test
    void stopTextsNeitherAppearNorLeak() {
        int[] prompt = promptWithLongReply();
        String whole = ascii(expected(prompt, 40));
        String stop = whole.substring(7, 10);
        Recorder recorder = run(request(prompt, 40).stops(stop).build());
        assertEquals(whole.substring(0, whole.indexOf(stop)), recorder.text.toString());
        assertEquals(GenerationListener.Finish.STOP, recorder.reason);
    }

    @Test
    void logprobsComeWithTheirTokens() {
        int[] prompt = promptWithLongReply();
        Recorder recorder = run(request(prompt, 8).topLogprobs(3).build());
        assertEquals(8, recorder.logprobs.size());
        float expected = (float) -Math.log(1 + (VOCAB - 1) * Math.exp(-10));
        for (int i = 0; i < 8; i++) {
            assertEquals(recorder.tokens[i], recorder.logprobs.get(i).token());
            assertEquals(expected, recorder.logprobs.get(i).logprob(), 1e-5f);
            assertEquals(3, recorder.logprobs.get(i).top().size());
            assertEquals(recorder.tokens[i], recorder.logprobs.get(i).top().get(0).token());
        }
    }

    @Test
    void aSharedPrefixIsComputedOnce() {
        int[] prompt = promptWithLongReply();
        int[] longPrompt = Arrays.copyOf(prompt, 60);
        run(request(longPrompt, 4).build());
        int before = device.tokensComputed;
        int[] second = Arrays.copyOf(longPrompt, 64);
        Recorder recorder = run(request(second, 4).build());
        assertArrayEquals(expected(second, 4), recorder.tokens);
        assertTrue(recorder.stats.cachedTokens() >= 60 - 1, "cached " + recorder.stats.cachedTokens());
        assertTrue(device.tokensComputed - before <= 4 + 4 + 1, "computed " + (device.tokensComputed - before));
        assertEquals(0, run(request(second, 4).cachePrompt(false).build()).stats.cachedTokens());
    }

    @Test
    void twinsAtOnceShareTheirPrompt() {
        int[] prompt = Arrays.copyOf(promptWithLongReply(), 80);
        List<Recorder> twins = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Recorder recorder = new Recorder();
            twins.add(recorder);
            engine.submit(request(prompt, 5).build(), recorder);
        }
        drain();
        for (Recorder twin : twins) {
            assertArrayEquals(expected(prompt, 5), twin.tokens);
        }
        assertTrue(device.tokensComputed <= 80 + 3 * 6, "computed " + device.tokensComputed);
    }

    @Test
    void manyTextsInASmallCacheAllComeOutRight() {
        long seed = 5;
        Random random = new Random(seed);
        List<int[]> prompts = new ArrayList<>();
        List<Recorder> recorders = new ArrayList<>();
        List<Cancellation> cancellations = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int[] base = prompts.isEmpty() || random.nextBoolean() ? new int[0] : prompts.get(random.nextInt(prompts.size()));
            int[] prompt = Arrays.copyOf(base, Math.min(100, Math.max(1, base.length / (1 + random.nextInt(2)) + random.nextInt(40))));
            for (int j = Math.min(base.length, prompt.length); j < prompt.length; j++) {
                prompt[j] = random.nextInt(VOCAB);
            }
            Cancellation cancellation = new Cancellation();
            int maxTokens = 1 + random.nextInt(60);
            Recorder recorder = new Recorder();
            engine.submit(request(prompt, maxTokens).cancellation(cancellation).cachePrompt(random.nextInt(4) > 0).build(), recorder);
            prompts.add(prompt);
            recorders.add(recorder);
            cancellations.add(cancellation);
            lengths.add(Math.min(maxTokens, 128 - prompt.length));
            while (engine.hasWork() && random.nextInt(4) > 0 && engine.status().waiting() > random.nextInt(8)) {
                if (random.nextInt(30) == 0) {
                    cancellations.get(random.nextInt(cancellations.size())).cancel();
                }
                engine.awaitStep();
            }
        }
        drain();
        int cancelled = 0;
        for (int i = 0; i < recorders.size(); i++) {
            Recorder recorder = recorders.get(i);
            if (recorder.error != null) {
                assertEquals(ErrorCode.CANCELLED, recorder.error.code());
                cancelled++;
            } else {
                assertArrayEquals(expected(prompts.get(i), lengths.get(i)), recorder.tokens, "text " + i + ", seed " + seed);
            }
        }
        assertTrue(cancelled > 0 && cancelled < 150, cancelled + " cancelled");
        engine.close();
        assertEquals(24, device.kvPool().freePages());
        assertTrue(device.closed);
    }

    @Test
    void aDeviceLostAtAnyStepEndsEveryRequestAndNothingLeaks() {
        for (int step = 0; ; step++) {
            FakeExecutable losing = new FakeExecutable(VOCAB, new Limits(8, 4, 4, 128, 24));
            losing.loseAtStep = step;
            Engine engine = new Engine(model(END), losing, EngineOptions.DEFAULT, Clock.SYSTEM);
            List<Recorder> recorders = List.of(new Recorder(), new Recorder(), new Recorder());
            for (int i = 0; i < 3; i++) {
                engine.submit(request(new int[] {i, 2, 3, 4, 5, 6, 7}, 10).build(), recorders.get(i));
            }
            while (engine.hasWork()) {
                engine.awaitStep();
            }
            assertTrue(recorders.stream().allMatch(Recorder::ended));
            boolean survived = losing.steps <= step;
            if (survived) {
                assertTrue(recorders.stream().allMatch(r -> r.error == null));
                assertTrue(step > 10, "only " + step + " steps");
                return;
            }
            assertTrue(recorders.stream().anyMatch(r -> r.error != null && r.error.code() == ErrorCode.DEVICE_LOST));
            assertEquals(ErrorCode.DEVICE_LOST, assertThrows(CremaException.class,
                () -> engine.submit(request(new int[] {1}, 1).build(), new Recorder())).code());
            engine.close();
            assertEquals(24, losing.kvPool().freePages());
        }
    }

    @Test
    void aListenerThatThrowsEndsItsOwnTextOnly() {
        int[] prompt = promptWithLongReply();
        Recorder good = new Recorder();
        Recorder bad = new Recorder() {
            @Override
            public void onText(String delta, List<TokenLogprob> logprobs) {
                throw new IllegalStateException("full");
            }
        };
        engine.submit(request(prompt, 10).build(), bad);
        engine.submit(request(prompt, 10).build(), good);
        drain();
        assertEquals(ErrorCode.INTERNAL, bad.error.code());
        assertArrayEquals(expected(prompt, 10), good.tokens);
    }

    @Test
    void requestsThatCanNotRunAreRefusedWithTheNumbers() {
        CremaException tooLong = assertThrows(CremaException.class, () -> engine.submit(request(new int[128], 1).build(), new Recorder()));
        assertEquals(ErrorCode.CONTEXT_LENGTH_EXCEEDED, tooLong.code());
        assertTrue(tooLong.getMessage().contains("128"), tooLong.getMessage());
        assertThrows(CremaException.class, () -> engine.submit(request(new int[0], 1).build(), new Recorder()));
        assertThrows(CremaException.class, () -> engine.submit(request(new int[] {VOCAB}, 1).build(), new Recorder()));
        assertThrows(CremaException.class, () -> engine.submit(request(new int[] {1}, 0).build(), new Recorder()));
        Engine small = new Engine(model(END), device, new EngineOptions(0, 4, 1, 32, 0, DType.F32, 1), Clock.SYSTEM);
        small.submit(request(new int[] {1}, 1).build(), new Recorder());
        assertEquals(ErrorCode.QUEUE_FULL, assertThrows(CremaException.class,
            () -> small.submit(request(new int[] {1}, 1).build(), new Recorder())).code());
        assertNotNull(run(request(new int[] {3}, 1).build()).reason);
    }

    @Test
    void aFullContextEndsWithLength() {
        Engine endless = new Engine(model(-2), device, EngineOptions.DEFAULT, Clock.SYSTEM);
        Recorder recorder = new Recorder();
        endless.submit(request(new int[120], 1000).build(), recorder);
        while (endless.hasWork()) {
            endless.awaitStep();
        }
        assertNull(recorder.error);
        assertEquals(8, recorder.tokens.length);
        assertEquals(GenerationListener.Finish.LENGTH, recorder.reason);
    }

    private Recorder run(GenerationRequest request) {
        Recorder recorder = new Recorder();
        engine.submit(request, recorder);
        drain();
        assertTrue(recorder.ended());
        return recorder;
    }

    private void drain() {
        for (int steps = 0; engine.hasWork(); steps++) {
            assertTrue(steps < 100_000, "the engine does not end");
            engine.awaitStep();
        }
    }

    private int[] promptWithLongReply() {
        for (int i = 0; ; i++) {
            int[] prompt = {i, 3};
            if (expected(prompt, 60).length == 60) {
                return prompt;
            }
        }
    }

    private static int[] expected(int[] prompt, int maxTokens) {
        int[] tokens = prompt.clone();
        while (tokens.length < prompt.length + maxTokens) {
            int next = FakeExecutable.next(tokens, VOCAB);
            if (next == END) {
                break;
            }
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = next;
        }
        return Arrays.copyOfRange(tokens, prompt.length, tokens.length);
    }

    private static String ascii(int[] ids) {
        return new ByteTokenizer(VOCAB).decode(ids, false);
    }

    private static Model model(int end) {
        Value logits = new Value(0, "logits", DType.F32, Shape.of(Shape.OUTPUTS, VOCAB));
        Graph graph = new Graph("fake", List.of(), List.of(), List.of(), logits, null, null);
        return new Model("fake", null, null, graph, new ByteTokenizer(VOCAB), null, 128, new int[] {end}, new Json.Obj());
    }

    private static Builder request(int[] prompt, int maxTokens) {
        return new Builder(prompt, maxTokens);
    }

    private static final class Builder {
        private final int[] prompt;
        private final int maxTokens;
        private List<String> stops = List.of();
        private int topLogprobs = -1;
        private boolean cachePrompt = true;
        private Cancellation cancellation = new Cancellation();

        Builder(int[] prompt, int maxTokens) {
            this.prompt = prompt;
            this.maxTokens = maxTokens;
        }

        Builder stops(String... texts) {
            stops = List.of(texts);
            return this;
        }

        Builder topLogprobs(int count) {
            topLogprobs = count;
            return this;
        }

        Builder cachePrompt(boolean cache) {
            cachePrompt = cache;
            return this;
        }

        Builder cancellation(Cancellation flag) {
            cancellation = flag;
            return this;
        }

        GenerationRequest build() {
            return new GenerationRequest(prompt, maxTokens, SamplingParams.GREEDY, 1, stops, false, topLogprobs, true, cachePrompt, cancellation);
        }
    }
}
