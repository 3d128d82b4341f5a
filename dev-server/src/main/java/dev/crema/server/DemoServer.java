package dev.crema.server;

import io.undertow.Undertow;
import io.undertow.server.handlers.PathHandler;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** The demo page, the published package and the embedded model as static files: {@code /}, {@code /crema/} and {@code /models/crema-tiny/}. */
final class DemoServer implements AutoCloseable {
    private final Undertow undertow;
    private final String host;

    DemoServer(String host, int port, StaticRoot site, StaticRoot web, StaticRoot model) {
        this.host = host;
        Executor executor = Executors.newVirtualThreadPerTaskExecutor();
        var paths = new PathHandler(new StaticHandler(site, "no-cache", executor));
        paths.addPrefixPath("/crema", new StaticHandler(web, "no-cache", executor));
        paths.addPrefixPath("/models/crema-tiny", new StaticHandler(model, "public, max-age=3600", executor));
        undertow = OpenAiServer.start(host, port, null, new LoopbackOnly(host, paths));
    }

    String address() {
        return OpenAiServer.address(undertow, host);
    }

    @Override
    public void close() {
        undertow.stop();
    }
}
