package dev.crema.jvm.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

@Timeout(60)
class DownloadTest {
    private static final byte[] CONTENT = bytes(300_000, 1);
    private static final String ETAG = "\"v1\"";

    @TempDir
    private Path folder;

    private static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private ModelCache cache() {
        return new ModelCache(folder, new Download.Patience(3, 1, 1000));
    }

    private Path fetch(URI uri) {
        return cache().fetch(uri, Progress.NONE, new Cancellation());
    }

    private CremaException fails(URI uri, ErrorCode code) {
        CremaException error = assertThrows(CremaException.class, () -> fetch(uri));
        assertEquals(code, error.code(), error.describe());
        return error;
    }

    private Path part(URI uri) {
        Path target = cache().pathOf(uri);
        return target.resolveSibling(target.getFileName() + ".part");
    }

    @Test
    void downloadsOnceAndReportsBytes() throws IOException {
        try (var server = new ScriptedServer((request, out) -> ScriptedServer.file(request, out, CONTENT, ETAG, Integer.MAX_VALUE))) {
            List<Long> done = new ArrayList<>();
            Path file = cache().fetch(server.uri("/a/model.gguf"), (phase, what, bytes, total) -> {
                assertEquals(Progress.Phase.DOWNLOAD, phase);
                assertEquals("model.gguf", what);
                assertEquals(CONTENT.length, total);
                done.add(bytes);
            }, new Cancellation());
            assertArrayEquals(CONTENT, Files.readAllBytes(file));
            assertEquals(CONTENT.length, done.getLast());
            assertEquals(file, fetch(server.uri("/a/model.gguf")));
            assertEquals(1, server.requests.size());
            assertFalse(Files.exists(part(server.uri("/a/model.gguf"))));
        }
    }

    @Test
    void goesOnWhereTheConnectionBroke() throws IOException {
        try (var server = new ScriptedServer((request, out) -> ScriptedServer.file(request, out, CONTENT, ETAG, 70_000))) {
            assertArrayEquals(CONTENT, Files.readAllBytes(fetch(server.uri("/m.gguf"))));
            assertEquals(5, server.requests.size());
            assertEquals("bytes=70000-", server.requests.get(1).headers().get("range"));
            assertEquals(ETAG, server.requests.get(1).headers().get("if-range"));
        }
    }

    @Test
    void aLaterRunGoesOnToo() throws IOException {
        try (var server = new ScriptedServer((request, out) -> {
            if (request.number() == 0) {
                ScriptedServer.file(request, out, CONTENT, ETAG, 100_000);
            } else if (request.number() < 3) {
                ScriptedServer.head(out, "503 Service Unavailable", "Content-Length: 0");
            } else {
                ScriptedServer.file(request, out, CONTENT, ETAG, Integer.MAX_VALUE);
            }
        })) {
            CremaException error = fails(server.uri("/m.gguf"), ErrorCode.DOWNLOAD_FAILED);
            assertTrue(error.getMessage().contains("100000 of 300000") && error.getMessage().contains("503"), error.getMessage());
            assertTrue(error.hint().contains("100000"), error.hint());
            assertEquals(100_000, Files.size(part(server.uri("/m.gguf"))));
            assertArrayEquals(CONTENT, Files.readAllBytes(fetch(server.uri("/m.gguf"))));
            assertEquals(100_000, server.requests.get(3).rangeStart());
        }
    }

    @Test
    void startsAgainWhereRangesAreIgnored() throws IOException {
        try (var server = new ScriptedServer((request, out) -> {
            ScriptedServer.head(out, "200 OK", "Content-Length: " + CONTENT.length, "ETag: " + ETAG);
            out.write(CONTENT, 0, request.number() < 2 ? 1000 : CONTENT.length);
        })) {
            assertArrayEquals(CONTENT, Files.readAllBytes(fetch(server.uri("/m.gguf"))));
        }
    }

    @Test
    void neverMixesTwoVersions() throws IOException {
        byte[] second = bytes(300_000, 2);
        try (var server = new ScriptedServer((request, out) -> {
            if (request.number() == 0) {
                ScriptedServer.file(request, out, CONTENT, ETAG, 50_000);
            } else {
                ScriptedServer.file(request, out, second, "\"v2\"", Integer.MAX_VALUE);
            }
        })) {
            assertArrayEquals(second, Files.readAllBytes(fetch(server.uri("/m.gguf"))));
        }
    }

    @Test
    void noticesANewVersionThoughIfRangeIsIgnored() throws IOException {
        byte[] second = bytes(300_000, 2);
        try (var server = new ScriptedServer((request, out) -> {
            long start = Math.max(0, request.rangeStart());
            byte[] content = request.number() == 0 ? CONTENT : second;
            ScriptedServer.head(out, start > 0 ? "206 Partial Content" : "200 OK", "Content-Length: " + (content.length - start),
                "ETag: " + (request.number() == 0 ? ETAG : "\"v2\""),
                "Content-Range: bytes " + start + "-" + (content.length - 1) + "/" + content.length);
            out.write(content, (int) start, request.number() == 0 ? 50_000 : (int) (content.length - start));
        })) {
            assertArrayEquals(second, Files.readAllBytes(fetch(server.uri("/m.gguf"))));
            assertEquals(3, server.requests.size());
        }
    }

    @Test
    void givesUpOnALengthThatNeverComes() throws IOException {
        try (var server = new ScriptedServer((request, out) -> {
            long start = Math.max(0, request.rangeStart());
            ScriptedServer.head(out, start > 0 ? "206 Partial Content" : "200 OK", "Content-Length: " + (400_000 - start), "ETag: " + ETAG,
                "Content-Range: bytes " + start + "-399999/400000");
            out.write(CONTENT, (int) start, (int) (CONTENT.length - start));
        })) {
            CremaException error = fails(server.uri("/m.gguf"), ErrorCode.DOWNLOAD_FAILED);
            assertTrue(error.getMessage().contains("300000 of 400000"), error.getMessage());
        }
    }

    @Test
    void startsAgainWhenTheWrongRangeIsAnswered() throws IOException {
        try (var server = new ScriptedServer((request, out) -> {
            switch (request.number()) {
                case 0 -> ScriptedServer.file(request, out, CONTENT, ETAG, 10_000);
                case 1 -> ScriptedServer.head(out, "206 Partial Content", "Content-Range: bytes 0-5/300000", "Content-Length: 6", "ETag: " + ETAG);
                default -> ScriptedServer.file(request, out, CONTENT, ETAG, Integer.MAX_VALUE);
            }
        })) {
            assertArrayEquals(CONTENT, Files.readAllBytes(fetch(server.uri("/m.gguf"))));
        }
    }

    @Test
    void aMissingFileIsNotAnError() throws IOException {
        try (var server = new ScriptedServer((request, out) -> ScriptedServer.head(out, "404 Not Found", "Content-Length: 0"))) {
            assertNull(fetch(server.uri("/m.gguf")));
            assertEquals(1, server.requests.size());
            assertFalse(Files.exists(part(server.uri("/m.gguf"))));
        }
    }

    @Test
    void aWebPageIsNotAModel() throws IOException {
        try (var server = new ScriptedServer((request, out) -> {
            ScriptedServer.head(out, "200 OK", "Content-Type: text/html", "Content-Length: 5");
            out.write("<html".getBytes());
        })) {
            assertNull(fetch(server.uri("/m.gguf")));
        }
    }

    @Test
    void refusalsAreNotRetried() throws IOException {
        try (var server = new ScriptedServer((request, out) -> ScriptedServer.head(out, "403 Forbidden", "Content-Length: 0"))) {
            CremaException error = fails(server.uri("/m.gguf"), ErrorCode.DOWNLOAD_FAILED);
            assertTrue(error.describe().contains("403") && error.describe().contains("permission"), error.describe());
            assertEquals(1, server.requests.size());
        }
    }

    @Test
    void anUnreachableServerFailsAtOnce() throws IOException {
        var server = new ScriptedServer((request, out) -> { });
        server.close();
        fails(server.uri("/m.gguf"), ErrorCode.DOWNLOAD_FAILED);
    }

    @Test
    void checksTheHashOfTheUrl() throws IOException {
        try (var server = new ScriptedServer((request, out) -> ScriptedServer.file(request, out, CONTENT, ETAG, Integer.MAX_VALUE))) {
            CremaException error = fails(URI.create(server.uri("/m.gguf") + "#sha256=" + "0".repeat(64)), ErrorCode.DOWNLOAD_FAILED);
            assertTrue(error.getMessage().contains("SHA-256"), error.getMessage());
            assertFalse(Files.exists(part(server.uri("/m.gguf"))));
            Path reference = Files.write(folder.resolve("reference"), CONTENT);
            assertNotNull(fetch(URI.create(server.uri("/m.gguf") + "#sha256=" + Checksums.sha256(reference))));
            fails(URI.create(server.uri("/other.gguf") + "#sha256=xyz"), ErrorCode.INVALID_REQUEST);
        }
    }

    @Test
    void checksTheHashThatTheHubAnnounces() throws IOException {
        String wrong = "\"" + "a".repeat(64) + "\"";
        try (var server = new ScriptedServer((request, out) -> {
            if (request.path().equals("/m.gguf")) {
                ScriptedServer.head(out, "302 Found", "Location: /store/m", "X-Linked-Etag: " + wrong, "Content-Length: 0");
            } else {
                ScriptedServer.file(request, out, CONTENT, ETAG, Integer.MAX_VALUE);
            }
        })) {
            CremaException error = fails(server.uri("/m.gguf"), ErrorCode.DOWNLOAD_FAILED);
            assertTrue(error.getMessage().contains("a".repeat(64)), error.getMessage());
        }
    }

    @Test
    void silenceBreaksTheConnection() throws IOException {
        try (var server = new ScriptedServer((request, out) -> {
            ScriptedServer.file(request, out, CONTENT, ETAG, request.number() == 0 ? 20_000 : Integer.MAX_VALUE);
            out.flush();
            if (request.number() == 0) {
                Thread.sleep(10_000);
            }
        })) {
            assertArrayEquals(CONTENT, Files.readAllBytes(fetch(server.uri("/m.gguf"))));
            assertEquals(20_000, server.requests.get(1).rangeStart());
        }
    }

    @Test
    void cancellingKeepsWhatArrived() throws IOException {
        try (var server = new ScriptedServer((request, out) -> {
            ScriptedServer.file(request, out, CONTENT, ETAG, 20_000);
            out.flush();
            Thread.sleep(10_000);
        })) {
            var cancellation = new Cancellation();
            CremaException error = assertThrows(CremaException.class, () -> cache().fetch(server.uri("/m.gguf"), (phase, what, done, total) -> {
                if (done == 20_000) {
                    cancellation.cancel();
                }
            }, cancellation));
            assertEquals(ErrorCode.CANCELLED, error.code());
            assertEquals(20_000, Files.size(part(server.uri("/m.gguf"))));
        }
    }

    @Test
    void twoAtOnceFetchOnce() throws IOException {
        try (var server = new ScriptedServer((request, out) -> {
            Thread.sleep(200);
            ScriptedServer.file(request, out, CONTENT, ETAG, Integer.MAX_VALUE);
        })) {
            var other = CompletableFuture.supplyAsync(() -> fetch(server.uri("/m.gguf")));
            assertEquals(fetch(server.uri("/m.gguf")), other.join());
            assertEquals(1, server.requests.size());
        }
    }

    @Test
    void aFullDiskIsNamed() throws IOException {
        try (var server = new ScriptedServer((request, out) -> ScriptedServer.head(out, "200 OK", "Content-Length: 4000000000000000", "ETag: " + ETAG))) {
            CremaException error = fails(server.uri("/m.gguf"), ErrorCode.STORAGE_FAILED);
            assertTrue(error.describe().contains("4000000000000000") && error.describe().contains("CREMA_CACHE"), error.describe());
        }
    }

    @Test
    void keepsUrlsApart() {
        ModelCache cache = cache();
        Path plain = cache.pathOf(URI.create("https://h/a/b.gguf"));
        assertEquals(folder.resolve("models/h/a/b.gguf"), plain);
        assertEquals(folder.resolve("models/h_8080/a/b.gguf").getParent().getParent().getParent(), folder.resolve("models"));
        List<String> urls = List.of("https://h/a/b.gguf", "https://h/a/b.gguf?x=1", "https://h/a/b.gguf?x=2", "https://h/a%20c/b.gguf",
            "https://h/a_c/b.gguf", "https://h:8080/a/b.gguf", "https://h/../../b.gguf", "https://h/a/%2e%2e/b.gguf");
        var paths = urls.stream().map(url -> cache.pathOf(URI.create(url))).toList();
        assertEquals(urls.size(), paths.stream().distinct().count());
        for (Path path : paths) {
            assertTrue(path.normalize().startsWith(folder.resolve("models/")), path.toString());
        }
        assertTrue(cache.pathOf(URI.create("https://h/Ü.gguf")).toString().endsWith(".gguf"));
    }
}
