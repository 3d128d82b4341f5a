package dev.crema.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.json.Json;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

/** A device that is lost is replaced, and nobody sees more of it than a pause. */
class RecoveryTest {
    private static final int VOCAB = 128;
    private static final Limits LIMITS = new Limits(8, 4, 4, 128, 24);

    /** Greedy, sampled, and sampled with all penalties. */
    private static final List<SamplingParams> SAMPLINGS = List.of(SamplingParams.GREEDY, new SamplingParams(9, 0, 1, 0, 1, 1, 0, 0, Map.of()),
        new SamplingParams(9, 40, 0.95f, 0, 1, 1.3f, 0.5f, 0.5f, Map.of(5, 2f)));

    private static final class TestClock implements Clock {
        long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long epochMillis() {
            return nanos / 1_000_000;
        }
    }

    private static final class Listener implements GenerationListener {
        final StringBuilder text = new StringBuilder();
        int[] tokens;
        CremaException error;

        @Override
        public void onText(String delta, List<TokenLogprob> logprobs) {
            text.append(delta);
        }

        @Override
        public void onFinish(Finish reason, int[] reply, GenerationStats stats) {
            assertNull(tokens);
            tokens = reply;
        }

        @Override
        public void onError(CremaException thrown) {
            assertNull(error);
            error = thrown;
        }
    }

    private final TestClock clock = new TestClock();
    private int decodeRows = Integer.MAX_VALUE;
    private final List<FakeExecutable> made = new ArrayList<>();
    private final List<CremaException> failures = new ArrayList<>();

    /** The {@code n}-th executable is lost at step {@code stepsToLoss[n]}; those beyond last. */
    private Engine engine(int... stepsToLoss) {
        ExecutableSource source = failure -> {
            failures.add(failure);
            return next(stepsToLoss);
        };
        return new Engine(model(), next(stepsToLoss), EngineOptions.DEFAULT, clock, source);
    }

    private Executable next(int[] stepsToLoss) {
        FakeExecutable executable = new FakeExecutable(VOCAB, LIMITS);
        executable.decodeRows = decodeRows;
        executable.loseAtStep = made.size() < stepsToLoss.length ? stepsToLoss[made.size()] : -1;
        made.add(executable);
        return executable;
    }

    @Test
    void aLossAtAnyStepChangesNoToken() {
        List<Listener> undisturbed = runAll(engine());
        int steps = made.get(0).steps;
        assertTrue(steps > 10, "only " + steps + " steps");
        for (int step = 0; step < steps; step++) {
            made.clear();
            failures.clear();
            Engine engine = engine(step);
            List<Listener> heard = runAll(engine);
            for (int i = 0; i < heard.size(); i++) {
                assertNull(heard.get(i).error);
                assertArrayEquals(undisturbed.get(i).tokens, heard.get(i).tokens, "text " + i + ", lost at step " + step);
                assertEquals(undisturbed.get(i).text.toString(), heard.get(i).text.toString());
            }
            assertEquals(ErrorCode.DEVICE_LOST, failures.get(0).code());
            assertEquals(1, failures.size());
            assertTrue(made.get(0).closed, "the lost executable is closed");
            engine.close();
            assertTrue(made.get(1).closed);
            assertEquals(LIMITS.kvPages(), made.get(1).kvPool().freePages());
        }
    }

    @Test
    void aLossChangesNoTokenWhereManyRowsAreRoundedOtherwise() {
        for (int rows = 1; rows < LIMITS.maxTokens(); rows++) {
            decodeRows = rows;
            made.clear();
            aLossAtAnyStepChangesNoToken();
        }
    }

    @Test
    void aLossWhileNothingRunsIsMendedByTheNextRequest() {
        Engine engine = engine();
        Listener before = run(engine);
        made.get(0).loseAtStep = made.get(0).steps;
        Listener after = run(engine);
        assertArrayEquals(before.tokens, after.tokens);
        assertEquals(2, made.size());
    }

    @Test
    void aSecondLossBeforeAnyTokenIsAnError() {
        clock.nanos = 1;
        Engine engine = engine(3, 0);
        Listener listener = new Listener();
        engine.submit(request(SamplingParams.GREEDY, 0), listener);
        engine.awaitStep();
        while (failures.isEmpty()) {
            engine.awaitStep();
        }
        clock.nanos += 10 * Losses.APART_NANOS;
        drain(engine);
        assertEquals(ErrorCode.DEVICE_LOST, listener.error.code());
        assertTrue(listener.error.getMessage().contains("failed again, 600 seconds") && listener.error.getMessage().contains("before it gave a token"),
            listener.error.getMessage());
        assertTrue(!listener.error.hint().isEmpty());
        assertEquals(listener.error, engine.failure());
        assertThrows(CremaException.class, () -> engine.submit(request(SamplingParams.GREEDY, 0), new Listener()));
        engine.close();
    }

    @Test
    void aSecondLossWithinAMinuteIsAnErrorAndALaterOneIsNot() {
        for (long apart : List.of(0L, Losses.APART_NANOS - 1, Losses.APART_NANOS)) {
            made.clear();
            Engine engine = engine();
            made.get(0).loseAtStep = 0;
            run(engine);
            clock.nanos += apart;
            made.get(1).loseAtStep = made.get(1).steps;
            Listener second = run(engine);
            boolean mended = apart >= Losses.APART_NANOS;
            assertEquals(mended, second.error == null, apart + " ns apart");
            assertEquals(mended ? 3 : 2, made.size());
        }
    }

    @Test
    void aSourceThatFailsEndsAllRequestsWithItsError() {
        FakeExecutable losing = new FakeExecutable(VOCAB, LIMITS);
        losing.loseAtStep = 2;
        Engine engine = new Engine(model(), losing, EngineOptions.DEFAULT, clock, failure -> {
            throw new CremaException(ErrorCode.OUT_OF_MEMORY, "The GPU has no room for 7 bytes of weights.", "Close other tabs.");
        });
        for (Listener listener : runAll(engine)) {
            assertEquals(ErrorCode.OUT_OF_MEMORY, listener.error.code());
            assertTrue(listener.error.getMessage().contains("7 bytes"));
        }
        assertNotNull(engine.failure());
        engine.close();
    }

    @Test
    void anEngineClosedWhileItsDeviceIsReplacedClosesTheNewOneToo() {
        FakeExecutable losing = new FakeExecutable(VOCAB, LIMITS);
        losing.loseAtStep = 0;
        FakeExecutable fresh = new FakeExecutable(VOCAB, LIMITS);
        Engine[] engine = new Engine[1];
        engine[0] = new Engine(model(), losing, EngineOptions.DEFAULT, clock, failure -> {
            engine[0].close();
            return fresh;
        });
        Listener listener = run(engine[0]);
        assertEquals(ErrorCode.CLOSED, listener.error.code());
        assertTrue(fresh.closed);
    }

    private static Listener run(Engine engine) {
        Listener listener = new Listener();
        engine.submit(request(SAMPLINGS.get(1), 0), listener);
        drain(engine);
        return listener;
    }

    /** Three texts at once, the last of which begins when the others are under way. */
    private static List<Listener> runAll(Engine engine) {
        List<Listener> listeners = new ArrayList<>();
        for (int i = 0; i < SAMPLINGS.size(); i++) {
            listeners.add(new Listener());
            if (i == SAMPLINGS.size() - 1) {
                engine.awaitStep();
                engine.awaitStep();
            }
            if (engine.failure() == null) {
                engine.submit(request(SAMPLINGS.get(i), i), listeners.get(i));
            } else {
                listeners.get(i).onError(engine.failure());
            }
        }
        drain(engine);
        return listeners;
    }

    private static void drain(Engine engine) {
        for (int steps = 0; engine.hasWork(); steps++) {
            assertTrue(steps < 10_000, "the engine does not end");
            engine.awaitStep();
        }
    }

    private static GenerationRequest request(SamplingParams sampling, int first) {
        return new GenerationRequest(new int[] {first, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 12, sampling, 42 + first, List.of(), true, -1, true, true,
            new Cancellation());
    }

    private static Model model() {
        Value logits = new Value(0, "logits", DType.F32, Shape.of(Shape.OUTPUTS, VOCAB));
        Graph graph = new Graph("fake", List.of(), List.of(), List.of(), logits, null, null);
        return new Model("fake", null, null, graph, new ByteTokenizer(VOCAB), null, 128, new int[0], new Json.Obj());
    }
}
