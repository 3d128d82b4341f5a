package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.JsonParser;
import dev.crema.jvm.Crema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(120)
class ModelPoolTest {
    private static final List<ServedModel> THREE = List.of(new ServedModel("a", Tiny.path()), new ServedModel("b", Tiny.path()),
        new ServedModel("broken", "/no/such/model"));

    private final AtomicInteger loads = new AtomicInteger();

    private ModelPool pool(int maxLoaded, long idleMillis) {
        return new ModelPool(THREE, model -> {
            loads.incrementAndGet();
            return Crema.loader().model(model.source()).id(model.name()).load();
        }, maxLoaded, idleMillis);
    }

    private static String states(ModelPool pool) {
        var states = new ArrayList<String>();
        pool.list().forEach(status -> states.add(status.state()));
        return String.join(" ", states);
    }

    @Test
    void loadsWhatRequestsNameAndMakesRoom() throws Exception {
        try (var pool = pool(1, 0); var server = new OpenAiServer(OpenAiServer.Settings.DEFAULT)) {
            server.serve(pool);
            assertEquals("unloaded unloaded unloaded", states(pool));
            assertEquals("a", Http.string(JsonParser.parseObject(Http.post(server, "/v1/chat/completions", Http.HELLO).body()), "model"));
            assertEquals("loaded unloaded unloaded", states(pool));
            String toB = Http.HELLO.replace("{\"messages\"", "{\"model\":\"b\",\"messages\"");
            assertEquals("b", Http.string(JsonParser.parseObject(Http.post(server, "/v1/chat/completions", toB).body()), "model"));
            assertEquals("unloaded loaded unloaded", states(pool));
            assertEquals(2, loads.get());
            var absent = Http.error(Http.post(server, "/v1/chat/completions", toB.replace("\"b\"", "\"gpt-9\"")), 404);
            assertEquals("model_not_found model There are: a, b, broken.",
                String.join(" ", Http.string(absent, "code"), Http.string(absent, "param"), Http.string(absent, "hint")));
            assertEquals("model_not_found", Http.string(Http.error(Http.post(server, "/v1/chat/completions", toB.replace("\"b\"", "\"broken\"")), 404), "code"));
            Http.error(Http.post(server, "/v1/chat/completions", toB.replace("\"b\"", "7")), 400);
            var list = JsonParser.parseObject(Http.get(server, "/v1/models").body());
            assertEquals("a unloaded b", String.join(" ", Http.string(list, "data", 0, "id"), Http.string(list, "data", 0, "status"), Http.string(list, "data", 1, "id")));
            assertEquals("broken", Http.string(JsonParser.parseObject(Http.get(server, "/v1/models/broken").body()), "id"));
            Http.error(Http.get(server, "/v1/models/c"), 404);
        }
    }

    @Test
    void waitsForAModelInUseAndNotForOneThatClientsLeft() throws Exception {
        try (var pool = pool(1, 0); var server = new OpenAiServer(OpenAiServer.Settings.DEFAULT.withLimits(Limits.DEFAULT.withKeepAliveMillis(20)))) {
            server.serve(pool);
            ModelPool.Lease busy = pool.acquire("a", new Cancellation());
            String toB = "{\"model\":\"b\",\"stream\":true,\"prompt\":\"Hello\",\"max_tokens\":2}";
            var waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return Http.post(server, "/v1/completions", toB).body();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            try (Socket socket = Http.open(server, toB)) {
                assertTrue(socket.getInputStream().read() > 0, "it is kept alive meanwhile");
            }
            assertEquals("loaded unloaded unloaded", states(pool));
            busy.close();
            busy.close();
            String reply = waiting.join();
            assertTrue(reply.startsWith(": keep-alive") && reply.endsWith("data: [DONE]\n\n"), reply);
            assertEquals("unloaded loaded unloaded", states(pool));
        }
    }

    @Test
    void loadsOnceForAllWhoWait() throws Exception {
        try (var pool = pool(2, 0)) {
            var leases = new ArrayList<CompletableFuture<ModelPool.Lease>>();
            for (int i = 0; i < 6; i++) {
                String name = i % 2 == 0 ? "a" : "b";
                leases.add(CompletableFuture.supplyAsync(() -> {
                    try {
                        return pool.acquire(name, new Cancellation());
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
            for (var lease : leases) {
                lease.join().close();
            }
            assertEquals(2, loads.get());
            var cancelled = new Cancellation();
            cancelled.cancel();
            assertEquals(ErrorCode.CANCELLED, assertThrows(CremaException.class, () -> pool.acquire("a", cancelled)).code());
        }
    }

    @Test
    void unloadsWhatNobodyUses() throws Exception {
        try (var pool = pool(2, 50)) {
            ModelPool.Lease used = pool.acquire("a", new Cancellation());
            pool.acquire("b", new Cancellation()).close();
            for (int i = 0; i < 500 && !states(pool).equals("loaded unloaded unloaded"); i++) {
                Thread.sleep(20);
            }
            assertEquals("loaded unloaded unloaded", states(pool));
            assertTrue(used.crema().isOpen());
            used.close();
            for (int i = 0; i < 500 && used.crema().isOpen(); i++) {
                Thread.sleep(20);
            }
            assertFalse(used.crema().isOpen());
        }
    }

    @Test
    void anEngineThatHasEndedIsReplaced() throws Exception {
        try (var pool = pool(1, 0)) {
            ModelPool.Lease first = pool.acquire("a", new Cancellation());
            first.crema().close();
            first.close();
            try (ModelPool.Lease second = pool.acquire("a", new Cancellation())) {
                assertTrue(second.crema().isOpen());
            }
        }
    }

    @Test
    void findsModelsAndTheirNames(@TempDir Path folder) throws Exception {
        for (String file : List.of("one.gguf", "big-00001-of-00002.gguf", "big-00002-of-00002.gguf", "notes.txt", "folder/config.json", "other/x.json")) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.writeString(folder.resolve(file), "");
        }
        var names = new ArrayList<String>();
        ServedModel.in(folder).forEach(model -> names.add(model.name()));
        assertEquals(List.of("big", "folder", "one"), names);
        assertEquals(new ServedModel("small", "dir/x.gguf"), ServedModel.parse("small=dir/x.gguf"));
        assertEquals(new ServedModel("x-q8", "https://host/a/x-q8.gguf?download=true"), ServedModel.parse("https://host/a/x-q8.gguf?download=true"));
        assertEquals("m", ServedModel.parse("models/m/model.safetensors").name());
        assertEquals(ErrorCode.INVALID_REQUEST, assertThrows(CremaException.class, () -> ServedModel.byName(
            List.of(new ServedModel("x", "1"), new ServedModel("x", "2")))).code());
    }
}
