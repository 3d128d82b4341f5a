package dev.crema.api;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.chat.ChatTemplate;
import dev.crema.engine.Engine;
import dev.crema.json.Json;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A service over an {@link EchoDevice} whose answers are written down as text, with a clock that ticks a millisecond at each look. */
final class Transcript {
    final EchoDevice device = new EchoDevice();
    final Engine engine;
    final ChatService service;

    private static final class Ticks implements Clock {
        private long nanos;

        @Override
        public long nanos() {
            nanos += 1_000_000;
            return nanos;
        }

        @Override
        public long epochMillis() {
            return 1_700_000_000_999L;
        }
    }

    Transcript() {
        this(EchoDevice.template(), new Json.Obj().put("do_sample", false));
    }

    Transcript(ChatTemplate template, Json.Obj defaults) {
        Clock clock = new Ticks();
        engine = EchoDevice.engine(device, template, defaults, clock);
        service = new ChatService(engine, clock, new RandomBits(1));
    }

    /** What the sink heard, a line an event, once the engine has no more work. */
    String answer(String path, String body) {
        return answer(path, body, new Cancellation(), Integer.MAX_VALUE);
    }

    /** The same, cancelled after so many steps. */
    String answer(String path, String body, Cancellation cancellation, int steps) {
        var sink = new Sink();
        service.handle(path, body, sink, cancellation);
        for (int i = 0; engine.hasWork(); i++) {
            if (i == steps) {
                cancellation.cancel();
            }
            assertTrue(i < 10_000, "the engine does not end");
            engine.awaitStep();
        }
        assertTrue(sink.ended, "no end: " + sink.out);
        return sink.out.toString();
    }

    String chat(String body) {
        return answer("/v1/chat/completions", body);
    }

    String complete(String body) {
        return answer("/v1/completions", body);
    }

    private static final class Sink implements ReplySink {
        final StringBuilder out = new StringBuilder();
        boolean ended;

        private void add(String line, boolean last) {
            assertFalse(ended, "after the end: " + line);
            out.append(line).append('\n');
            ended = last;
        }

        @Override
        public void reply(String json) {
            add("reply " + json, true);
        }

        @Override
        public void chunk(String json) {
            add("chunk " + json, false);
        }

        @Override
        public void event(String name, String json) {
            add("event " + json, false);
        }

        @Override
        public void done() {
            add("done", true);
        }

        @Override
        public void end() {
            add("end", true);
        }

        @Override
        public void error(int status, String json) {
            add("error " + status + " " + json, true);
        }
    }
}
