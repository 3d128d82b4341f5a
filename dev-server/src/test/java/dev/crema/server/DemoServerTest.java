package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

@Timeout(30)
class DemoServerTest {
    private static final byte[] WEIGHTS = new byte[200_000];

    static {
        new Random(7).nextBytes(WEIGHTS);
    }

    @TempDir
    private Path folder;
    private DemoServer server;
    private HttpClient client;

    @BeforeEach
    void start() throws IOException {
        Path site = Files.createDirectories(folder.resolve("site"));
        Files.createDirectories(site.resolve("js"));
        Files.writeString(site.resolve("index.html"), "<!doctype html>page");
        Files.writeString(site.resolve("js/index.html"), "inner");
        Files.writeString(site.resolve(".hidden"), "hidden");
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(site.resolve("link.txt"), folder.resolve("secret.txt"));
        Path web = Files.createDirectories(folder.resolve("web"));
        Files.writeString(web.resolve("crema.js"), "export {};");
        Files.writeString(web.resolve("crema.wasm"), "wasm");
        Files.writeString(web.resolve("crema.wasm.br"), "br-wasm");
        Files.writeString(web.resolve("crema.wasm.gz"), "gz-wasm");
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.write(model.resolve("model.safetensors"), WEIGHTS);
        server = new DemoServer("127.0.0.1", 0, StaticRoot.folder(site), StaticRoot.folder(web), StaticRoot.folder(model));
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private HttpResponse<byte[]> send(String method, String path, String... headers) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(server.address() + path)).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, headers);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse(null);
    }

    @Test
    void servesPagePackageAndModel() throws Exception {
        assertEquals("<!doctype html>page", text(get("/")));
        assertEquals("text/html; charset=utf-8", header(get("/"), "Content-Type"));
        assertEquals("text/javascript; charset=utf-8", header(get("/crema/crema.js"), "Content-Type"));
        assertEquals("application/wasm", header(get("/crema/crema.wasm"), "Content-Type"));
        assertArrayEquals(WEIGHTS, get("/models/crema-tiny/model.safetensors").body());
        assertEquals("inner", text(get("/js/")));
        assertEquals(301, get("/js").statusCode());
        assertEquals("/js/", header(get("/js"), "Location"));
        assertEquals(404, get("/absent.js").statusCode());
        assertEquals(404, get("/crema/").statusCode());
    }

    @Test
    void isolatesThePage() throws Exception {
        for (String path : List.of("/", "/crema/crema.js", "/models/crema-tiny/model.safetensors", "/absent")) {
            var response = get(path);
            assertEquals("same-origin", header(response, "Cross-Origin-Opener-Policy"));
            assertEquals("require-corp", header(response, "Cross-Origin-Embedder-Policy"));
            assertEquals("same-origin", header(response, "Cross-Origin-Resource-Policy"));
            assertEquals("nosniff", header(response, "X-Content-Type-Options"));
        }
        assertEquals("no-cache", header(get("/"), "Cache-Control"));
    }

    @Test
    void sendsRanges() throws Exception {
        String path = "/models/crema-tiny/model.safetensors";
        record Case(String range, int from, int to) { }
        for (Case each : List.of(new Case("bytes=0-0", 0, 1), new Case("bytes=100-199", 100, 200), new Case("bytes=199990-", 199_990, 200_000),
                new Case("bytes=-5", 199_995, 200_000), new Case("bytes=199000-900000", 199_000, 200_000), new Case("bytes=-900000", 0, 200_000))) {
            var response = get(path, "Range", each.range());
            assertEquals(206, response.statusCode(), each.range());
            assertEquals("bytes " + each.from() + "-" + (each.to() - 1) + "/200000", header(response, "Content-Range"));
            assertArrayEquals(Arrays.copyOfRange(WEIGHTS, each.from(), each.to()), response.body());
        }
        for (String range : List.of("bytes=200000-", "bytes=-0")) {
            var response = get(path, "Range", range);
            assertEquals(416, response.statusCode(), range);
            assertEquals("bytes */200000", header(response, "Content-Range"));
        }
        for (String ignored : List.of("bytes=5-1", "bytes=a-b", "bytes=", "bytes=-", "items=0-1", "bytes=0-1,5-6", "bytes=99999999999999999999-")) {
            assertEquals(200, get(path, "Range", ignored).statusCode(), ignored);
        }
        String etag = header(get(path), "ETag");
        assertEquals(206, get(path, "Range", "bytes=0-9", "If-Range", etag).statusCode());
        assertEquals(200, get(path, "Range", "bytes=0-9", "If-Range", "\"other\"").statusCode());
    }

    @Test
    void answersWhetherAFileChanged() throws Exception {
        String etag = header(get("/"), "ETag");
        for (String same : List.of(etag, "W/" + etag, "\"x\", " + etag, "*")) {
            var response = get("/", "If-None-Match", same);
            assertEquals(304, response.statusCode(), same);
            assertEquals(0, response.body().length);
        }
        assertEquals(200, get("/", "If-None-Match", "\"x\"").statusCode());
        Files.writeString(folder.resolve("site/index.html"), "another page");
        assertEquals("another page", text(get("/", "If-None-Match", etag)));
    }

    @Test
    void sendsPrecompressedSiblings() throws Exception {
        var br = get("/crema/crema.wasm", "Accept-Encoding", "gzip, deflate, br");
        assertEquals("br-wasm", text(br));
        assertEquals("br", header(br, "Content-Encoding"));
        assertEquals("application/wasm", header(br, "Content-Type"));
        assertEquals("gz-wasm", text(get("/crema/crema.wasm", "Accept-Encoding", "gzip")));
        assertEquals("gz-wasm", text(get("/crema/crema.wasm", "Accept-Encoding", "br;q=0, gzip;q=0.5")));
        var plain = get("/crema/crema.wasm");
        assertEquals("wasm", text(plain));
        assertEquals("Accept-Encoding", header(plain, "Vary"));
        assertFalse(header(br, "ETag").equals(header(plain, "ETag")));
        assertEquals("wa", text(get("/crema/crema.wasm", "Accept-Encoding", "br", "Range", "bytes=0-1")));
    }

    @Test
    void headSendsNoBody() throws Exception {
        var response = send("HEAD", "/models/crema-tiny/model.safetensors");
        assertEquals(200, response.statusCode());
        assertEquals("200000", header(response, "Content-Length"));
        assertEquals(0, response.body().length);
        assertEquals(405, send("POST", "/").statusCode());
        assertEquals("GET, HEAD", header(send("DELETE", "/"), "Allow"));
    }

    @Test
    void neverLeavesItsFolders() throws Exception {
        for (String path : List.of("/../secret.txt", "/%2e%2e/secret.txt", "/js/../../secret.txt", "/..%2fsecret.txt", "/..%5csecret.txt", "/.hidden",
                "/link.txt", "//etc/passwd", "/crema/../../secret.txt", "/models/crema-tiny/%2e%2e/secret.txt")) {
            var response = get(path);
            assertTrue(response.statusCode() == 404 || response.statusCode() == 400, path + " " + response.statusCode());
            assertFalse(text(response).contains("secret") && response.statusCode() == 200, path);
        }
    }

    @Test
    void aBusyPortIsAClearError() {
        int port = URI.create(server.address()).getPort();
        var root = StaticRoot.folder(folder);
        var error = org.junit.jupiter.api.Assertions.assertThrows(dev.crema.CremaException.class,
            () -> new DemoServer("127.0.0.1", port, root, root, root));
        assertTrue(error.describe().contains(port + "") && error.describe().contains("--port"), error.describe());
    }
}
