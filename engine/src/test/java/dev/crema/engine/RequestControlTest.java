package dev.crema.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
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

import org.junit.jupiter.api.Test;

/** What the sender of a request has a say in: its turn among those that wait, its logits, and its end. */
class RequestControlTest {
    private static final int VOCAB = 128;

    private final List<String> ended = new ArrayList<>();

    private final class Heard implements GenerationListener {
        final String name;
        int[] tokens;
        Finish reason;
        GenerationStats stats;

        Heard(String name) {
            this.name = name;
        }

        @Override
        public void onText(String delta, List<TokenLogprob> logprobs) { }

        @Override
        public void onFinish(Finish finish, int[] all, GenerationStats counted) {
            ended.add(name);
            tokens = all;
            reason = finish;
            stats = counted;
        }

        @Override
        public void onError(CremaException error) {
            throw error;
        }
    }

    private static Engine engine(int sequences, boolean asynchronous) {
        var device = new FakeExecutable(VOCAB, new Limits(32, sequences, sequences, 128, 24));
        device.asynchronous = asynchronous;
        Value logits = new Value(0, "logits", DType.F32, Shape.of(Shape.OUTPUTS, VOCAB));
        Graph graph = new Graph("fake", List.of(), List.of(), List.of(), logits, null, null);
        var model = new Model("fake", null, null, graph, new ByteTokenizer(VOCAB), null, 128, new int[] {-2}, new Json.Obj());
        return new Engine(model, device, EngineOptions.DEFAULT, Clock.SYSTEM);
    }

    private Heard submit(Engine engine, String name, int first, int maxTokens, Cancellation control) {
        var heard = new Heard(name);
        engine.submit(new GenerationRequest(new int[] {first, 3}, maxTokens, SamplingParams.GREEDY, 1, List.of(), false, -1, true, true, control), heard);
        return heard;
    }

    private static void drain(Engine engine) {
        for (int steps = 0; engine.hasWork(); steps++) {
            assertTrue(steps < 10_000, "the engine does not end");
            engine.awaitStep();
        }
    }

    private static int[] expected(int first, int maxTokens) {
        int[] tokens = {first, 3};
        while (tokens.length < 2 + maxTokens) {
            int next = FakeExecutable.next(tokens, VOCAB);
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = next;
        }
        return Arrays.copyOfRange(tokens, 2, tokens.length);
    }

    @Test
    void theHighestPriorityIsNextAndAmongEqualsTheOldest() {
        try (Engine engine = engine(1, false)) {
            submit(engine, "running", 1, 5, new Cancellation());
            engine.awaitStep();
            submit(engine, "low", 2, 2, new RequestControl(-1, null));
            submit(engine, "usual", 3, 2, new Cancellation());
            submit(engine, "high", 4, 2, new RequestControl(5, null));
            submit(engine, "high, later", 5, 2, new RequestControl(5, null));
            submit(engine, "usual, later", 6, 2, new RequestControl(0, null));
            drain(engine);
            assertEquals(List.of("running", "high", "high, later", "usual", "usual, later", "low"), ended);
        }
    }

    @Test
    void oneThatIsFinishedKeepsWhatItHasAndLeavesTheOthersAlone() {
        for (boolean asynchronous : new boolean[] {false, true}) {
            for (int at = 0; at < 12; at++) {
                try (Engine engine = engine(4, asynchronous)) {
                    var control = new RequestControl(0, null);
                    Heard finished = submit(engine, "finished", 7, 40, control);
                    Heard other = submit(engine, "other", 8, 40, new Cancellation());
                    for (int step = 0; step < at; step++) {
                        engine.awaitStep();
                    }
                    control.finish();
                    drain(engine);
                    assertEquals(GenerationListener.Finish.STOP, finished.reason);
                    assertTrue(finished.tokens.length < 40);
                    assertArrayEquals(expected(7, finished.tokens.length), finished.tokens);
                    assertArrayEquals(expected(8, 40), other.tokens);
                    GenerationStats stats = finished.stats;
                    assertTrue(stats.queueNanos() >= 0 && stats.prefillNanos() >= 0 && stats.decodeNanos() >= 0, stats.toString());
                    Heard again = submit(engine, "again", 7, 40, new Cancellation());
                    drain(engine);
                    assertArrayEquals(expected(7, 40), again.tokens);
                }
            }
        }
    }

    @Test
    void oneThatWaitsIsFinishedWithoutAnyText() {
        try (Engine engine = engine(1, false)) {
            submit(engine, "running", 1, 20, new Cancellation());
            engine.awaitStep();
            var control = new RequestControl(0, null);
            Heard waiting = submit(engine, "waiting", 2, 20, control);
            control.finish();
            engine.awaitStep();
            assertEquals(List.of("waiting"), ended);
            assertEquals(0, waiting.tokens.length);
            drain(engine);
        }
    }

    @Test
    void oneThatIsHeldMakesRoomForOthersAndGoesOnWithTheSameTokens() {
        for (boolean asynchronous : new boolean[] {false, true}) {
            for (int at = 0; at < 12; at++) {
                try (Engine engine = engine(1, asynchronous)) {
                    var control = new RequestControl(0, null);
                    Heard held = submit(engine, "held", 7, 40, control);
                    for (int step = 0; step < at; step++) {
                        engine.awaitStep();
                    }
                    control.hold(true);
                    for (int step = 0; !engine.isHeld(); step++) {
                        assertTrue(step < 20, "the engine goes on");
                        engine.awaitStep();
                    }
                    long written = engine.status().generatedTokens();
                    engine.awaitStep();
                    assertEquals(written, engine.status().generatedTokens());
                    Heard other = submit(engine, "other", 8, 40, new Cancellation());
                    for (int step = 0; other.tokens == null; step++) {
                        assertTrue(step < 200, "the other waits for the one that is held");
                        assertTrue(!engine.isHeld());
                        engine.awaitStep();
                    }
                    assertTrue(engine.hasWork() && engine.isHeld());
                    control.hold(false);
                    drain(engine);
                    assertEquals(List.of("other", "held"), ended);
                    assertArrayEquals(expected(7, 40), held.tokens);
                    assertArrayEquals(expected(8, 40), other.tokens);
                    ended.clear();
                }
            }
        }
    }

    @Test
    void oneThatIsHeldCanBeCancelled() {
        try (Engine engine = engine(1, false)) {
            var control = new RequestControl(0, null);
            control.hold(true);
            var errors = new ArrayList<CremaException>();
            engine.submit(new GenerationRequest(new int[] {1, 3}, 5, SamplingParams.GREEDY, 1, List.of(), false, -1, true, true, control), new GenerationListener() {
                @Override
                public void onText(String delta, List<TokenLogprob> logprobs) { }

                @Override
                public void onFinish(Finish reason, int[] tokens, GenerationStats stats) { }

                @Override
                public void onError(CremaException error) {
                    errors.add(error);
                }
            });
            engine.awaitStep();
            assertTrue(engine.isHeld());
            control.cancel();
            engine.awaitStep();
            assertEquals(1, errors.size());
            assertTrue(!engine.hasWork() && !engine.isHeld());
        }
    }

    @Test
    void theSendersProcessorHasTheLastWord() {
        try (Engine engine = engine(2, true)) {
            Heard heard = submit(engine, "own", 9, 6, new RequestControl(0, (text, logits) -> logits[text.length] = Float.POSITIVE_INFINITY));
            Heard other = submit(engine, "other", 8, 6, new Cancellation());
            drain(engine);
            assertArrayEquals(new int[] {2, 3, 4, 5, 6, 7}, heard.tokens);
            assertArrayEquals(expected(8, 6), other.tokens);
        }
    }
}
