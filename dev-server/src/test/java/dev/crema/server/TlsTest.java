package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.CremaException;
import dev.crema.json.JsonParser;
import dev.crema.jvm.Crema;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The API over https, with a certificate that is made here. */
@Timeout(120)
class TlsTest {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    private static Path folder;
    private static Path certificate;
    private static Path key;
    private static SSLContext trusting;

    @BeforeAll
    static void makeCertificate() throws Exception {
        Path file = folder.resolve("store.p12");
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "server", "-keyalg", "EC",
            "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1", "-validity", "2", "-keystore", file.toString(), "-storepass", "password")
            .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        assertEquals(0, keytool.waitFor(), () -> folder.resolve("log").toString());
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
        certificate = Files.writeString(folder.resolve("chain.pem"), pem("CERTIFICATE", store.getCertificate("server").getEncoded()));
        key = Files.writeString(folder.resolve("key.pem"), pem("PRIVATE KEY", store.getKey("server", PASSWORD).getEncoded()));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        trust.init(trusted);
        trusting = SSLContext.getInstance("TLS");
        trusting.init(null, trust.getTrustManagers(), null);
    }

    private static String pem(String type, byte[] bytes) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + type + "-----\n";
    }

    @Test
    void answersOverHttpsInBothVersions() throws Exception {
        try (Crema crema = Crema.load(Tiny.path()); var server = new OpenAiServer(OpenAiServer.Settings.DEFAULT.withTls(Tls.read(certificate, key)))) {
            server.serve(ModelPool.of(crema));
            assertTrue(server.address().startsWith("https://127.0.0.1:"), server.address());
            for (Version version : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
                try (HttpClient client = HttpClient.newBuilder().version(version).sslContext(trusting).build()) {
                    var reply = client.send(post(server, "/v1/chat/completions", Http.HELLO), BodyHandlers.ofString());
                    assertEquals(version, reply.version());
                    assertEquals("Hello! How can I help you?", Http.string(JsonParser.parseObject(reply.body()), "choices", 0, "message", "content"));
                    try (InputStream left = client.send(post(server, "/v1/completions", Http.ENDLESS.formatted("true")), BodyHandlers.ofInputStream()).body()) {
                        assertTrue(left.read() > 0);
                    }
                    Http.awaitIdle(crema);
                    String whole = client.send(post(server, "/v1/completions", Http.ENDLESS.formatted("true")), BodyHandlers.ofString()).body();
                    assertTrue(whole.endsWith("data: [DONE]\n\n"), whole);
                }
            }
        }
    }

    private static HttpRequest post(OpenAiServer to, String path, String body) {
        return HttpRequest.newBuilder(URI.create(to.address() + path)).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    @Test
    void saysWhatIsWrongWithFiles() throws Exception {
        Path text = Files.writeString(folder.resolve("text.pem"), "hello");
        Path old = Files.writeString(folder.resolve("old.pem"), pem("RSA PRIVATE KEY", new byte[] {1, 2, 3}));
        Path broken = Files.writeString(folder.resolve("broken.pem"), pem("PRIVATE KEY", new byte[] {1, 2, 3}));
        assertTrue(assertThrows(CremaException.class, () -> Tls.read(text, key)).getMessage().contains("text.pem"));
        assertTrue(assertThrows(CremaException.class, () -> Tls.read(folder.resolve("absent"), key)).getMessage().contains("absent"));
        assertTrue(assertThrows(CremaException.class, () -> Tls.read(certificate, old)).hint().contains("openssl pkcs8"));
        assertTrue(assertThrows(CremaException.class, () -> Tls.read(certificate, broken)).getMessage().contains("broken.pem"));
    }
}
