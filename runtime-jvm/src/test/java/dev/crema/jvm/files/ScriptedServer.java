package dev.crema.jvm.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server that answers byte for byte what a test tells it, broken connections and lies included. One request a connection. */
final class ScriptedServer implements AutoCloseable {
    record Request(int number, String path, Map<String, String> headers) {
        /** First byte of the Range header, or -1. */
        long rangeStart() {
            String range = headers.getOrDefault("range", "");
            return range.startsWith("bytes=") ? Long.parseLong(range.substring(6, range.indexOf('-'))) : -1;
        }
    }

    /** Writes the raw answer; the connection is closed after it. */
    interface Script {
        void answer(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();
    private final ServerSocket socket;
    private final Script script;

    ScriptedServer(Script script) throws IOException {
        this.script = script;
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::accept);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + path);
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            Request request = read(connection.getInputStream());
            OutputStream out = connection.getOutputStream();
            script.answer(request, out);
            out.flush();
        } catch (IOException | InterruptedException e) {
            // The client left first.
        }
    }

    private synchronized Request read(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        String text = "";
        while (!text.endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no whole request");
            }
            head.write(next);
            text = head.toString(StandardCharsets.ISO_8859_1);
        }
        String[] lines = text.split("\r\n");
        var headers = new TreeMap<String, String>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.put(lines[i].substring(0, colon).toLowerCase(Locale.ROOT), lines[i].substring(colon + 1).strip());
        }
        var request = new Request(requests.size(), lines[0].split(" ")[1], headers);
        requests.add(request);
        return request;
    }

    /** Status line and headers. */
    static void head(OutputStream out, String status, String... headers) throws IOException {
        var text = new StringBuilder("HTTP/1.1 " + status + "\r\nConnection: close\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Answers as a good server does: Range and If-Range are understood. {@code limit} bytes at most are sent of what was announced. */
    static void file(Request request, OutputStream out, byte[] content, String etag, int limit) throws IOException {
        long start = request.rangeStart();
        boolean partial = start >= 0 && start < content.length && etag.equals(request.headers().get("if-range"));
        int from = partial ? (int) start : 0;
        String length = "Content-Length: " + (content.length - from);
        if (partial) {
            head(out, "206 Partial Content", length, "ETag: " + etag, "Content-Range: bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        } else {
            head(out, "200 OK", length, "ETag: " + etag);
        }
        out.write(content, from, Math.min(limit, content.length - from));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
