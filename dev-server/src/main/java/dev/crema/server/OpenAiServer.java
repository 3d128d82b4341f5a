package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.HttpContinueReadHandler;
import org.xnio.Options;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** The OpenAI API on a port: bound at once, answering 503 until {@link #serve} gives it models. */
final class OpenAiServer implements AutoCloseable {
    /**
     * @param port        0 takes a free one
     * @param corsOrigins origins whose pages may call; {@code *} for all
     * @param accessLog   closed with the server
     * @param tls         null for plain HTTP
     */
    record Settings(String host, int port, ApiKeys keys, Set<String> corsOrigins, Limits limits, AccessLog accessLog, SSLContext tls) {
        /** For this machine alone, open to all of it. */
        static final Settings DEFAULT = new Settings("127.0.0.1", 0, ApiKeys.NONE, Set.of(), Limits.DEFAULT, AccessLog.NONE, null);

        Settings withKeys(ApiKeys accepted) {
            return new Settings(host, port, accepted, corsOrigins, limits, accessLog, tls);
        }

        Settings withCors(Set<String> origins) {
            return new Settings(host, port, keys, origins, limits, accessLog, tls);
        }

        Settings withLimits(Limits other) {
            return new Settings(host, port, keys, corsOrigins, other, accessLog, tls);
        }

        Settings withAccessLog(AccessLog log) {
            return new Settings(host, port, keys, corsOrigins, limits, log, tls);
        }

        Settings withTls(SSLContext context) {
            return new Settings(host, port, keys, corsOrigins, limits, accessLog, context);
        }
    }

    private static final int SHUTDOWN_TIMEOUT_MILLIS = 3_000;
    private static final int BUFFER_BYTES = 16 * 1024;
    /** Of one HTTP/2 connection. */
    private static final int MAX_STREAMS = 256;

    private final Undertow undertow;
    private final OpenAiHandler handler;
    private final AccessLog accessLog;
    private final String host;
    private final String scheme;

    OpenAiServer(Settings settings) {
        host = settings.host();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var metrics = new Metrics();
        accessLog = settings.accessLog();
        handler = new OpenAiHandler(settings.keys(), settings.limits(), threads, metrics);
        HttpHandler guarded = new LoopbackOnly(settings.host(), new Cors(settings.corsOrigins(), new HttpContinueReadHandler(handler)));
        HttpHandler root = new Observed(metrics, accessLog, guarded);
        undertow = start(settings.host(), settings.port(), settings.tls(), root);
        scheme = settings.tls() == null ? "http" : "https";
    }

    /** Starts Undertow, or says why the address can't be had; {@code tls} is null for plain HTTP. */
    static Undertow start(String host, int port, SSLContext tls, HttpHandler root) {
        Quiet.undertow();
        try {
            InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "There is no address " + host + ".", "", e);
        }
        // Requests run in virtual threads, so buffers are not cached by thread.
        var pool = new DefaultByteBufferPool(true, BUFFER_BYTES, 256, 0);
        var builder = tls == null ? Undertow.builder().addHttpListener(port, host) : Undertow.builder().addHttpsListener(port, host, tls);
        Undertow undertow = builder.setHandler(root).setByteBufferPool(pool)
            .setIoThreads(2).setWorkerThreads(2)
            // Undertow's write timeout is not used: it counts the time between two replies of a connection too, and cuts a slow second one off.
            .setSocketOption(Options.KEEP_ALIVE, true)
            .setServerOption(UndertowOptions.ENABLE_HTTP2, true).setServerOption(UndertowOptions.HTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, MAX_STREAMS)
            .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, SHUTDOWN_TIMEOUT_MILLIS)
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 60_000).setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 30_000).build();
        try {
            undertow.start();
        } catch (RuntimeException e) {
            if (e.getCause() instanceof BindException) {
                throw new CremaException(ErrorCode.INVALID_REQUEST, "Port " + port + " of " + host + " can't be used: " + e.getCause().getMessage()
                    + ".", "Choose another with --port; 0 takes a free one.", e);
            }
            throw e;
        }
        return undertow;
    }

    /** {@code http://127.0.0.1:8080}. */
    static String address(Undertow undertow, String host) {
        int port = ((InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress()).getPort();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    String address() {
        return address(undertow, host).replaceFirst("http", scheme);
    }

    /** Answers with these models from now on; closing them stays the caller's. */
    void serve(ModelPool models) {
        handler.serve(models);
    }

    /** Takes no request any more, gives those that run so long to end, then cancels them. */
    void drain(Duration time) throws InterruptedException {
        handler.drain();
        for (long end = System.nanoTime() + time.toNanos(); handler.calls().running() > 0 && System.nanoTime() < end; ) {
            Thread.sleep(20);
        }
        handler.calls().cancelAll();
        for (int i = 0; handler.calls().running() > 0 && i < 100; i++) {
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        handler.drain();
        handler.calls().cancelAll();
        undertow.stop();
        accessLog.close();
    }
}
