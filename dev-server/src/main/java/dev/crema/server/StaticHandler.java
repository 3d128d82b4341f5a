package dev.crema.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import org.xnio.IoUtils;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/**
 * Static files below one path: ETag, Range, precompressed siblings ({@code x.br}, {@code x.gz}), and the headers that make a page cross-origin
 * isolated. A folder's address shows its index.html.
 */
final class StaticHandler implements HttpHandler {
    private static final HttpString OPENER_POLICY = new HttpString("Cross-Origin-Opener-Policy");
    private static final HttpString EMBEDDER_POLICY = new HttpString("Cross-Origin-Embedder-Policy");
    private static final HttpString RESOURCE_POLICY = new HttpString("Cross-Origin-Resource-Policy");
    private static final HttpString CONTENT_TYPE_OPTIONS = new HttpString("X-Content-Type-Options");
    private static final String[][] CODINGS = {{"br", ".br"}, {"gzip", ".gz"}};

    private final StaticRoot root;
    private final String cacheControl;
    private final Executor executor;

    /** @param cacheControl {@code no-cache} for what is rebuilt: browsers keep it and ask whether it changed */
    StaticHandler(StaticRoot root, String cacheControl, Executor executor) {
        this.root = root;
        this.cacheControl = cacheControl;
        this.executor = executor;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        exchange.getResponseHeaders().put(OPENER_POLICY, "same-origin").put(EMBEDDER_POLICY, "require-corp")
            .put(RESOURCE_POLICY, "same-origin").put(CONTENT_TYPE_OPTIONS, "nosniff");
        if (!exchange.getRequestMethod().equals(Methods.GET) && !exchange.getRequestMethod().equals(Methods.HEAD)) {
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
            text(exchange, 405, "Only GET and HEAD are possible here.\n");
            return;
        }
        exchange.dispatch(executor, blocking -> {
            blocking.startBlocking();
            serve(blocking);
        });
    }

    private void serve(HttpServerExchange exchange) throws IOException {
        String path = exchange.getRelativePath().substring(exchange.getRelativePath().startsWith("/") ? 1 : 0);
        if (!isPlain(path)) {
            text(exchange, 404, "There is no such file.\n");
            return;
        }
        if (!path.isEmpty() && !path.endsWith("/") && root.isFolder(path)) {
            exchange.getResponseHeaders().put(Headers.LOCATION, exchange.getRequestURI() + "/");
            text(exchange, 301, "");
            return;
        }
        String file = path.isEmpty() || path.endsWith("/") ? path + "index.html" : path;
        StaticFile plain = root.find(file);
        if (plain == null) {
            text(exchange, 404, "There is no such file.\n");
        } else {
            send(exchange, plain, compressed(exchange, file));
        }
    }

    /** No way out of the root, no hidden files, nothing that file systems read in their own way. */
    private static boolean isPlain(String path) {
        for (String segment : path.split("/")) {
            if (segment.startsWith(".") || segment.indexOf('\\') >= 0 || segment.indexOf('\0') >= 0 || segment.indexOf(':') >= 0) {
                return false;
            }
        }
        return !path.startsWith("/") && !path.contains("//");
    }

    /** The smallest sibling that the client takes, or null. Ranges are of the file itself, so they get none. */
    private StaticFile compressed(HttpServerExchange exchange, String file) throws IOException {
        if (exchange.getRequestHeaders().contains(Headers.RANGE)) {
            return null;
        }
        for (String[] coding : CODINGS) {
            if (AcceptEncoding.accepts(exchange.getRequestHeaders().getFirst(Headers.ACCEPT_ENCODING), coding[0])) {
                StaticFile sibling = root.find(file + coding[1]);
                if (sibling != null) {
                    exchange.getResponseHeaders().put(Headers.CONTENT_ENCODING, coding[0]);
                    return sibling;
                }
            }
        }
        return null;
    }

    private void send(HttpServerExchange exchange, StaticFile plain, StaticFile compressed) throws IOException {
        StaticFile file = compressed == null ? plain : compressed;
        String etag = compressed == null ? file.etag() : file.etag().substring(0, file.etag().length() - 1) + "-c\"";
        HeaderMap response = exchange.getResponseHeaders();
        HeaderMap request = exchange.getRequestHeaders();
        response.put(Headers.ETAG, etag).put(Headers.CACHE_CONTROL, cacheControl).put(Headers.VARY, "Accept-Encoding")
            .put(Headers.ACCEPT_RANGES, "bytes");
        if (matches(request.getFirst(Headers.IF_NONE_MATCH), etag)) {
            response.remove(Headers.CONTENT_ENCODING);
            exchange.setStatusCode(304).endExchange();
            return;
        }
        response.put(Headers.CONTENT_TYPE, MimeTypes.of(plain.name()));
        String ifRange = request.getFirst(Headers.IF_RANGE);
        ByteRange range = ifRange == null || ifRange.equals(etag) ? ByteRange.parse(request.getFirst(Headers.RANGE), file.size()) : null;
        if (range == ByteRange.UNSATISFIABLE) {
            response.put(Headers.CONTENT_RANGE, "bytes */" + file.size());
            text(exchange, 416, "The file has " + file.size() + " bytes.\n");
            return;
        }
        if (range != null) {
            exchange.setStatusCode(206);
            response.put(Headers.CONTENT_RANGE, "bytes " + range.first() + "-" + range.last() + "/" + file.size());
        }
        ByteRange part = range == null ? new ByteRange(0, file.size() - 1) : range;
        response.put(Headers.CONTENT_LENGTH, part.length());
        if (exchange.getRequestMethod().equals(Methods.HEAD)) {
            exchange.endExchange();
        } else {
            copy(exchange, file, part);
        }
    }

    private static boolean matches(String ifNoneMatch, String etag) {
        if (ifNoneMatch == null) {
            return false;
        }
        for (String each : ifNoneMatch.split(",")) {
            String tag = each.strip();
            if (tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag)) {
                return true;
            }
        }
        return false;
    }

    private static void copy(HttpServerExchange exchange, StaticFile file, ByteRange part) {
        try (InputStream in = file.opener().open(part.first()); OutputStream out = exchange.getOutputStream()) {
            byte[] buffer = new byte[1 << 16];
            long left = part.length();
            while (left > 0) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    throw new IOException("the file became shorter while it was sent");
                }
                out.write(buffer, 0, count);
                left -= count;
            }
        } catch (IOException e) {
            // The client left, or the file changed: a broken connection says so, a short reply that looks whole would not.
            IoUtils.safeClose(exchange.getConnection());
        }
    }

    private static void text(HttpServerExchange exchange, int status, String body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; charset=utf-8");
        exchange.getResponseSender().send(body, StandardCharsets.UTF_8);
    }
}
