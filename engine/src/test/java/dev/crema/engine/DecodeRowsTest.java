package dev.crema.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.json.Json;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** On a device that computes many rows otherwise than few, neither company nor want of room changes a text. */
class DecodeRowsTest {
    private static final int VOCAB = 128;
    private static final SamplingParams SAMPLED = new SamplingParams(9, 0, 1, 0, 1, 1, 0, 0, Map.of());

    private static final class Listener implements GenerationListener {
        int[] tokens;

        @Override
        public void onText(String delta, List<TokenLogprob> logprobs) { }

        @Override
        public void onFinish(Finish reason, int[] reply, GenerationStats stats) {
            tokens = reply;
        }

        @Override
        public void onError(dev.crema.CremaException thrown) {
            throw thrown;
        }
    }

    @Test
    void aTextIsTheSameAloneAndInCompany() {
        for (int decodeRows : new int[] {1, 2, 3, 8}) {
            for (boolean asynchronous : new boolean[] {false, true}) {
                var pages = 100;
                List<int[]> alone = new ArrayList<>();
                for (int text = 0; text < 6; text++) {
                    alone.add(run(executable(decodeRows, asynchronous, pages), List.of(text)).get(0));
                }
                List<int[]> together = run(executable(decodeRows, asynchronous, pages), List.of(0, 1, 2, 3, 4, 5));
                for (int text = 0; text < 6; text++) {
                    assertArrayEquals(alone.get(text), together.get(text), "text " + text + ", " + decodeRows + " rows");
                }
            }
        }
    }

    @Test
    void whatIsPreemptedIsComputedAgainAlike() {
        int tight = 10;
        for (int decodeRows : new int[] {1, 2, 3, 8}) {
            List<int[]> roomy = run(executable(decodeRows, false, 100), List.of(0, 1, 2, 3, 4, 5));
            FakeExecutable executable = executable(decodeRows, false, tight);
            List<int[]> preempted = run(executable, List.of(0, 1, 2, 3, 4, 5));
            int least = roomy.stream().mapToInt(reply -> reply.length - 1).sum() + prompts();
            assertTrue(executable.tokensComputed > least, "nothing was computed again: " + executable.tokensComputed + " of " + least);
            for (int text = 0; text < 6; text++) {
                assertArrayEquals(roomy.get(text), preempted.get(text), "text " + text + ", " + decodeRows + " rows");
            }
            assertEquals(tight, executable.kvPool().freePages());
        }
    }

    @Test
    void promptsAndDecodeStepsTakeTurns() {
        FakeExecutable executable = executable(2, false, 100);
        Engine engine = new Engine(model(), executable, EngineOptions.DEFAULT, Clock.SYSTEM);
        Listener first = new Listener();
        engine.submit(request(new int[] {1, 2}, 10), first);
        engine.awaitStep();
        Listener second = new Listener();
        engine.submit(request(new int[40 * 16], 1), second);
        int steps = 0;
        while (first.tokens == null) {
            engine.awaitStep();
            steps++;
        }
        // Nine more tokens, each of which waits for one chunk of the long prompt at most.
        assertTrue(steps <= 18, steps + " steps");
        assertTrue(executable.tokensComputed > 8 * 16, "the prompt went on meanwhile");
        drain(engine);
        assertEquals(1, second.tokens.length);
        engine.close();
    }

    private static int prompts() {
        int tokens = 0;
        for (int text = 0; text < 6; text++) {
            tokens += prompt(text).length;
        }
        return tokens;
    }

    /** Prompts of 2 to 22 tokens. */
    private static int[] prompt(int text) {
        int[] prompt = new int[2 + 4 * text];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = (text * 31 + i * 7) % VOCAB;
        }
        return prompt;
    }

    private static FakeExecutable executable(int decodeRows, boolean asynchronous, int pages) {
        FakeExecutable executable = new FakeExecutable(VOCAB, new Limits(16, 6, 6, 1024, pages));
        executable.decodeRows = decodeRows;
        executable.asynchronous = asynchronous;
        executable.rough = true;
        return executable;
    }

    private static List<int[]> run(FakeExecutable executable, List<Integer> texts) {
        Engine engine = new Engine(model(), executable, EngineOptions.DEFAULT, Clock.SYSTEM);
        List<Listener> listeners = new ArrayList<>();
        for (int text : texts) {
            listeners.add(new Listener());
            engine.submit(request(prompt(text), 40), listeners.get(listeners.size() - 1));
            engine.awaitStep();
        }
        drain(engine);
        engine.close();
        return listeners.stream().map(listener -> listener.tokens).toList();
    }

    private static void drain(Engine engine) {
        for (int steps = 0; engine.hasWork(); steps++) {
            assertTrue(steps < 10_000, "the engine does not end");
            engine.awaitStep();
        }
    }

    private static GenerationRequest request(int[] prompt, int maxTokens) {
        return new GenerationRequest(prompt, maxTokens, SAMPLED, 42, List.of(), true, -1, true, true, new Cancellation());
    }

    private static Model model() {
        Value logits = new Value(0, "logits", DType.F32, Shape.of(Shape.OUTPUTS, VOCAB));
        Graph graph = new Graph("fake", List.of(), List.of(), List.of(), logits, null, null);
        return new Model("fake", null, null, graph, new ByteTokenizer(VOCAB), null, 1024, new int[0], new Json.Obj());
    }
}
