package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.Crema;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import org.xnio.Options;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.concurrent.Executors;

/** The OpenAI API on a port: bound at once, answering 503 until {@link #serve} gives it a model. */
final class OpenAiServer implements AutoCloseable {
    /**
     * @param port         0 takes a free one
     * @param corsOrigins  origins whose pages may call; {@code *} for all
     * @param maxBodyBytes of a request
     * @param keepAliveMillis silence after which a stream sends a comment, so that nothing between takes it for dead
     */
    record Settings(String host, int port, ApiKeys keys, Set<String> corsOrigins, int maxBodyBytes, long keepAliveMillis) { }

    private static final int SHUTDOWN_TIMEOUT_MILLIS = 3_000;
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Undertow undertow;
    private final OpenAiHandler handler;
    private final String host;

    OpenAiServer(Settings settings) {
        host = settings.host();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        handler = new OpenAiHandler(settings.keys(), settings.maxBodyBytes(), threads, settings.keepAliveMillis());
        HttpHandler root = new LoopbackOnly(settings.host(), new Cors(settings.corsOrigins(), handler));
        undertow = start(settings.host(), settings.port(), root);
    }

    /** Starts Undertow, or says why the address can't be had. */
    static Undertow start(String host, int port, HttpHandler root) {
        Quiet.undertow();
        try {
            InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "There is no address " + host + ".", "", e);
        }
        // Requests run in virtual threads, so buffers are not cached by thread.
        var pool = new DefaultByteBufferPool(true, BUFFER_BYTES, 256, 0);
        Undertow undertow = Undertow.builder().addHttpListener(port, host).setHandler(root).setByteBufferPool(pool)
            .setIoThreads(2).setWorkerThreads(2)
            // Undertow's write timeout is not used: it counts the time between two replies of a connection too, and cuts a slow second one off.
            .setSocketOption(Options.KEEP_ALIVE, true)
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
        return address(undertow, host);
    }

    /** Answers with this model from now on; closing it stays the caller's. */
    void serve(Crema crema) {
        handler.setCrema(crema);
    }

    /** Takes no request any more, gives those that run {@code seconds} to end, then cancels them. */
    void drain(long seconds) throws InterruptedException {
        handler.drain();
        for (long end = System.nanoTime() + seconds * 1_000_000_000; handler.running() > 0 && System.nanoTime() < end; ) {
            Thread.sleep(20);
        }
        handler.cancelAll();
        for (int i = 0; handler.running() > 0 && i < 100; i++) {
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        handler.drain();
        handler.cancelAll();
        undertow.stop();
    }
}
