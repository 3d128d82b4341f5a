package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.engine.EngineStatus;
import dev.crema.engine.SlotStatus;
import dev.crema.json.Json;
import io.undertow.server.HttpServerExchange;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What the server says of itself; asking an engine waits for the end of its step, so these run in threads of their own. */
final class Reports {
    private Reports() { }

    /** {@code /health}: 200 while requests are taken. */
    static void health(HttpServerExchange exchange, ModelPool models) {
        Map<String, EngineStatus> engines = ofLoaded(models, lease -> lease.crema().status());
        long running = 0;
        long waiting = 0;
        for (EngineStatus status : engines.values()) {
            running += status.running();
            waiting += status.waiting();
        }
        var loaded = new Json.Arr();
        engines.keySet().forEach(name -> loaded.add(new Json.Str(name)));
        Reply.json(exchange, 200, new Json.Obj().put("status", "ok").put("loaded", loaded).put("running", running).put("waiting", waiting).toString());
    }

    /** {@code /slots}: every request that runs or waits. */
    static void slots(HttpServerExchange exchange, ModelPool models) {
        var all = new Json.Arr();
        ofLoaded(models, lease -> lease.crema().slots()).forEach((model, slots) -> addSlots(all, model, slots));
        Reply.json(exchange, 200, all.toString());
    }

    private static void addSlots(Json.Arr all, String model, List<SlotStatus> slots) {
        for (SlotStatus slot : slots) {
            all.add(new Json.Obj().put("model", model).put("state", slot.state()).put("prompt_tokens", slot.promptTokens())
                .put("cached_tokens", slot.cachedTokens()).put("kv_tokens", slot.kvTokens()).put("completion_tokens", slot.replyTokens())
                .put("max_tokens", slot.maxTokens()).put("age_ms", slot.nanos() / 1_000_000));
        }
    }

    /** {@code /metrics}. */
    static void metrics(HttpServerExchange exchange, ModelPool models, Metrics metrics) {
        Reply.text(exchange, Metrics.CONTENT_TYPE, metrics.print(ofLoaded(models, lease -> lease.crema().status())));
    }

    /** The answer of each loaded model; one whose engine ends meanwhile has none. */
    private static <T> Map<String, T> ofLoaded(ModelPool models, Function<ModelPool.Lease, T> question) {
        var answers = new LinkedHashMap<String, T>();
        for (ModelPool.Lease lease : models.leaseLoaded()) {
            try (lease) {
                answers.put(lease.name(), question.apply(lease));
            } catch (CremaException gone) {
                continue;
            }
        }
        return answers;
    }
}
