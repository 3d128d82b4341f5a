package dev.crema.web.worker;

import dev.crema.Clock;
import dev.crema.api.ChatService;
import dev.crema.api.ReplySink;
import dev.crema.engine.Engine;
import dev.crema.engine.EngineStatus;
import dev.crema.engine.RequestControl;
import dev.crema.json.Json;
import dev.crema.web.js.Promises;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;

import java.util.HashMap;
import java.util.Map;

/** A loaded model and the requests that run on it. Steps run in one coroutine, which ends when there is nothing left to do. */
final class Session implements AutoCloseable {
    /** Messages of the page (a cancel above all) are seen to at least this often, where a step itself does not wait. */
    private static final long TURN_NANOS = 8_000_000;

    private final Host host;
    private final Placement placement;
    private final Engine engine;
    private final Clock clock;
    private final ChatService service;
    private final Map<Integer, RequestControl> running = new HashMap<>();
    private boolean stepping;

    Session(Host host, Placement placement, Engine engine, Clock clock) {
        this.host = host;
        this.placement = placement;
        this.engine = engine;
        this.clock = clock;
        service = new ChatService(engine, clock);
    }

    void request(int id, String path, String body, int priority, JsLogitProcessor processor) {
        RequestControl control = new RequestControl(priority, processor == null ? null : (text, logits) -> process(processor, text, logits));
        running.put(id, control);
        service.handle(path, body, new PageSink(id), control);
        if (!stepping && engine.hasWork()) {
            stepping = true;
            Promises.start(this::awaitSteps);
        }
    }

    private static void process(JsLogitProcessor processor, int[] text, float[] logits) {
        Float32Array changed = Float32Array.copyFromJavaArray(logits);
        processor.process(Int32Array.copyFromJavaArray(text), changed);
        System.arraycopy(changed.copyToJavaArray(), 0, logits, 0, logits.length);
    }

    void cancel(int id) {
        RequestControl control = running.remove(id);
        if (control != null) {
            control.cancel();
        }
    }

    void finish(int id) {
        RequestControl control = running.get(id);
        if (control != null) {
            control.finish();
        }
    }

    String status() {
        EngineStatus status = engine.status();
        return new Json.Obj().put("running", status.running()).put("waiting", status.waiting()).put("kvPages", status.kvPages())
            .put("freeKvPages", status.freeKvPages()).toString();
    }

    /** What the KV cache has of the beginning of {@code tokens}, as Engine gives it. */
    byte[] awaitSave(int[] tokens) {
        return engine.awaitSavePrefix(tokens);
    }

    int restore(byte[] saved) {
        return engine.restorePrefix(saved);
    }

    @Override
    public void close() {
        engine.close();
        placement.close();
    }

    private void awaitSteps() {
        try {
            long turned = clock.nanos();
            while (engine.hasWork()) {
                engine.awaitStep();
                if (clock.nanos() - turned > TURN_NANOS) {
                    Promises.await(host.turn());
                    turned = clock.nanos();
                }
            }
            if (engine.failure() != null) {
                host.failed(Failures.json(engine.failure()));
            }
        } catch (RuntimeException error) {
            host.failed(Failures.json(error));
        } finally {
            stepping = false;
        }
    }

    private final class PageSink implements ReplySink {
        private final int id;

        PageSink(int id) {
            this.id = id;
        }

        @Override
        public void reply(String json) {
            running.remove(id);
            host.reply(id, json);
        }

        @Override
        public void chunk(String json) {
            host.chunk(id, json);
        }

        @Override
        public void done() {
            running.remove(id);
            host.done(id);
        }

        @Override
        public void error(int status, String json) {
            running.remove(id);
            host.error(id, status, json);
        }
    }
}
