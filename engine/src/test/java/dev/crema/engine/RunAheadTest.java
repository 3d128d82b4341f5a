package dev.crema.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.json.Json;
import dev.crema.sampling.LogitProcessor;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.Sampler;
import dev.crema.sampling.SamplingParams;
import dev.crema.sampling.TokenConstraint;
import dev.crema.sampling.TokenMask;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps ahead of the host: the replies are those that the sampler gives token by token, whatever is under way when something ends. */
class RunAheadTest {
    private static final int VOCAB = 128;
    private static final int END = 127;
    private static final SamplingParams ALL = new SamplingParams(1.1f, 40, 0.95f, 0.01f, 0.97f, 1.3f, 0.2f, 0.4f, Map.of(3, 2f, END, -1f));
    private static final SamplingParams PENALTIES = new SamplingParams(0, 0, 1, 0, 1, 1.5f, 0.5f, 0.5f, Map.of());

    private FakeExecutable device;

    private static final class Reply implements GenerationListener {
        final StringBuilder text = new StringBuilder();
        int[] tokens;
        CremaException error;
        int logprobs;
        GenerationStats stats;

        @Override
        public void onText(String delta, List<TokenLogprob> more) {
            text.append(delta);
            logprobs += more.size();
        }

        @Override
        public void onFinish(Finish reason, int[] reply, GenerationStats figures) {
            tokens = reply;
            stats = figures;
        }

        @Override
        public void onError(CremaException failure) {
            error = failure;
        }
    }

    private Engine engine(int stepsAhead, int pages) {
        device = new FakeExecutable(VOCAB, new Limits(32, 4, 4, 128, pages));
        device.asynchronous = true;
        device.rough = true;
        Value logits = new Value(0, "logits", DType.F32, Shape.of(Shape.OUTPUTS, VOCAB));
        Graph graph = new Graph("fake", List.of(), List.of(), List.of(), logits, null, null);
        Model model = new Model("fake", null, null, graph, new ByteTokenizer(VOCAB), null, 128, new int[] {END}, new Json.Obj());
        return new Engine(model, device, EngineOptions.DEFAULT.withStepsAhead(stepsAhead), Clock.SYSTEM);
    }

    /** Everything that a request may ask for, by the number of the request. */
    private static GenerationRequest request(int[] prompt, int number, int maxTokens, Cancellation cancellation) {
        SamplingParams params = List.of(SamplingParams.GREEDY, ALL, PENALTIES).get(number % 3);
        TokenConstraint constraint = number % 7 == 6 ? reply -> mask(reply.length) : null;
        LogitProcessor processor = number % 11 == 5 ? RunAheadTest::forbidRepeats : null;
        return new GenerationRequest(prompt, maxTokens, params, 77L * number, List.of(), false, number % 5 == 4 ? 2 : -1, true, number % 4 > 0,
            cancellation, constraint, processor);
    }

    private static GenerationRequest request(int[] prompt, int number, int maxTokens) {
        return request(prompt, number, maxTokens, new Cancellation());
    }

    /** Two thirds of the vocabulary, other ones from token to token. */
    private static TokenMask mask(int place) {
        int[] ids = java.util.stream.IntStream.range(0, VOCAB).filter(id -> id % 3 != place % 3).toArray();
        return TokenMask.allowing(VOCAB, ids);
    }

    private static void forbidRepeats(int[] text, float[] logits) {
        logits[text[text.length - 1]] = Float.NEGATIVE_INFINITY;
    }

    /** The reply by definition. */
    private static int[] expected(GenerationRequest request) {
        int[] text = request.prompt();
        int start = text.length;
        int end = Math.min(128, start + request.maxTokens());
        while (text.length < end) {
            float[] logits = FakeExecutable.logits(text, VOCAB, true);
            if (request.processor() != null) {
                request.processor().process(text, logits);
            }
            TokenMask mask = request.constraint() == null ? null : request.constraint().next(Arrays.copyOfRange(text, start, text.length));
            var spec = new SampleSpec(request.sampling(), request.seed(), start, mask);
            int token = new Sampler().sample(logits, 0, VOCAB, spec, text.length, text, text.length);
            if (token == END) {
                break;
            }
            text = Arrays.copyOf(text, text.length + 1);
            text[text.length - 1] = token;
        }
        return Arrays.copyOfRange(text, start, text.length);
    }

    private static void drain(Engine engine) {
        for (int steps = 0; engine.hasWork(); steps++) {
            assertTrue(steps < 100_000, "the engine does not end");
            engine.awaitStep();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 8})
    void everyRequestGetsTheTokensOfTheDefinition(int stepsAhead) {
        for (int number = 0; number < 40; number++) {
            Engine engine = engine(stepsAhead, 24);
            GenerationRequest request = request(new int[] {number, 5, 9}, number, 50);
            Reply reply = new Reply();
            engine.submit(request, reply);
            drain(engine);
            assertArrayEquals(expected(request), reply.tokens, "request " + number);
            assertEquals(new ByteTokenizer(VOCAB).decode(reply.tokens, false), reply.text.toString());
            assertEquals(request.topLogprobs() < 0 ? 0 : reply.tokens.length, reply.logprobs);
            boolean ahead = stepsAhead > 1 && !request.needsHost() && reply.tokens.length > 2;
            assertEquals(ahead, device.tokensAhead > 0, "request " + number + " had " + device.tokensAhead + " tokens ahead");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void whatTheHostHasASayInIsNeverAhead(int stepsAhead) {
        for (int number : new int[] {4, 5, 6}) {
            Engine engine = engine(stepsAhead, 24);
            engine.submit(request(new int[] {number, 1}, number, 20), new Reply());
            drain(engine);
            assertEquals(0, device.tokensAhead, "request " + number);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void manyTextsInASmallCacheAllComeOutRight(int stepsAhead) {
        long seed = 90 + stepsAhead;
        Random random = new Random(seed);
        Engine engine = engine(stepsAhead, 18);
        List<GenerationRequest> requests = new ArrayList<>();
        List<Reply> replies = new ArrayList<>();
        List<Cancellation> cancellations = new ArrayList<>();
        for (int number = 0; number < 200; number++) {
            int[] base = requests.isEmpty() || random.nextBoolean() ? new int[0] : requests.get(random.nextInt(number)).prompt();
            int[] prompt = Arrays.copyOf(base, Math.min(100, Math.max(1, base.length / (1 + random.nextInt(2)) + random.nextInt(40))));
            for (int j = Math.min(base.length, prompt.length); j < prompt.length; j++) {
                prompt[j] = random.nextInt(VOCAB);
            }
            Cancellation cancellation = new Cancellation();
            cancellations.add(cancellation);
            requests.add(request(prompt, random.nextInt(3) > 0 ? 3 * number % 4 : number, 1 + random.nextInt(60), cancellation));
            replies.add(new Reply());
            engine.submit(requests.get(number), replies.get(number));
            while (engine.hasWork() && random.nextInt(4) > 0 && engine.status().waiting() > random.nextInt(8)) {
                if (random.nextInt(20) == 0) {
                    cancellations.get(random.nextInt(number + 1)).cancel();
                }
                engine.awaitStep();
            }
        }
        drain(engine);
        int cancelled = 0;
        for (int number = 0; number < replies.size(); number++) {
            if (replies.get(number).error != null) {
                assertEquals(ErrorCode.CANCELLED, replies.get(number).error.code(), replies.get(number).error.describe());
                cancelled++;
            } else {
                assertArrayEquals(expected(requests.get(number)), replies.get(number).tokens, "text " + number + ", seed " + seed);
            }
        }
        assertTrue(cancelled > 0 && cancelled < 100, cancelled + " cancelled");
        assertEquals(stepsAhead > 1, device.tokensAhead > 500, device.tokensAhead + " tokens ahead");
        engine.close();
        assertEquals(18, device.kvPool().freePages());
    }

    private static GenerationRequest cached(int[] prompt, int number, int maxTokens, List<String> stops) {
        return new GenerationRequest(prompt, maxTokens, number % 2 == 0 ? ALL : PENALTIES, number, stops, false, -1, true, true, new Cancellation());
    }

    /** A stop text, an end token or the limit comes while steps are under way: what they add is neither in the reply nor in the prefix cache. */
    @Test
    void whatAStopRuleVoidsLeavesNothing() {
        for (int number = 0; number < 60; number += 3) {
            Engine engine = engine(8, 24);
            GenerationRequest whole = cached(new int[] {number, 2, 3}, number, 40, List.of());
            String text = new ByteTokenizer(VOCAB).decode(expected(whole), false);
            if (text.length() < 20) {
                continue;
            }
            String stop = text.substring(9, 12);
            Reply reply = new Reply();
            engine.submit(cached(whole.prompt(), number, 40, List.of(stop)), reply);
            drain(engine);
            assertEquals(text.substring(0, text.indexOf(stop)), reply.text.toString());
            // The next turn begins with this one, and goes on otherwise than the steps that were thrown away.
            int[] turn = Arrays.copyOf(whole.prompt(), 3 + reply.tokens.length + 5);
            System.arraycopy(reply.tokens, 0, turn, 3, reply.tokens.length);
            GenerationRequest next = cached(turn, number, 30, List.of());
            Reply second = new Reply();
            engine.submit(next, second);
            drain(engine);
            assertArrayEquals(expected(next), second.tokens);
            assertTrue(second.stats.cachedTokens() >= reply.tokens.length, "cached " + second.stats.cachedTokens());
        }
    }

    @Test
    void aPromptThatArrivesMeanwhileJoinsTheNextStep() {
        Engine engine = engine(4, 24);
        Reply first = new Reply();
        GenerationRequest one = request(new int[] {1, 2}, 3, 60);
        engine.submit(one, first);
        engine.awaitStep();
        int before = device.steps;
        Reply second = new Reply();
        GenerationRequest two = request(new int[] {9, 9, 9}, 1, 3);
        engine.submit(two, second);
        while (second.tokens == null) {
            engine.awaitStep();
        }
        assertNull(first.tokens, "the long text is still being written");
        assertTrue(device.steps - before <= 3 + 4 + 1, "it took " + (device.steps - before) + " steps");
        drain(engine);
        assertArrayEquals(expected(one), first.tokens);
        assertArrayEquals(expected(two), second.tokens);
    }

    @Test
    void aDeviceLostWithStepsUnderWayEndsEveryRequest() {
        for (int step = 0; step < 12; step++) {
            Engine engine = engine(4, 24);
            device.loseAtStep = step;
            Reply reply = new Reply();
            engine.submit(request(new int[] {1, 2}, 3, 30), reply);
            drain(engine);
            assertNotNull(reply.error);
            assertEquals(ErrorCode.DEVICE_LOST, reply.error.code());
            engine.close();
            assertEquals(24, device.kvPool().freePages());
        }
    }
}
