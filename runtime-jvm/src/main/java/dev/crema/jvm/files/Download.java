package dev.crema.jvm.files;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One file from a URL to a place on disk: goes on where an earlier run ended (Range and If-Range), tries again when the connection breaks,
 * checks size and SHA-256, and puts the file in its place only when it is whole.
 */
final class Download {
    /**
     * How patient a download is.
     *
     * @param attempts        tries in a row that bring no byte before it gives up
     * @param backoffMillis   wait after the first failed try; doubled for each further one
     * @param stallMillis     silence after which a connection counts as broken
     */
    record Patience(int attempts, long backoffMillis, long stallMillis) {
        static final Patience DEFAULT = new Patience(5, 500, 30_000);
    }

    private static final Duration HEADERS_TIMEOUT = Duration.ofSeconds(60);
    private static final long MAX_BACKOFF_MILLIS = 30_000;

    private final HttpClient client;
    private final URI uri;
    private final Path target;
    private final Patience patience;
    private final Progress progress;
    private final Cancellation cancellation;
    private String sha256;
    private long total = -1;
    private long retryAfterMillis;
    private String lastFailure = "";

    /** @param sha256 of the file in lower-case hexadecimal, or null to trust what the server says of it, if anything */
    Download(HttpClient client, URI uri, Path target, String sha256, Patience patience, Progress progress, Cancellation cancellation) {
        this.client = client;
        this.uri = uri;
        this.target = target;
        this.sha256 = sha256;
        this.patience = patience;
        this.progress = progress;
        this.cancellation = cancellation;
    }

    /** Fetches the file; returns null, or why the server does not have it. All other failures are thrown. */
    String run() {
        try (var part = new PartFile(target)) {
            int fruitless = 0;
            while (true) {
                cancellation.check();
                long before = part.size();
                retryAfterMillis = 0;
                Attempt result = attempt(part);
                if (result == Attempt.ABSENT) {
                    return lastFailure;
                }
                if (result == Attempt.COMPLETE) {
                    Checksums.verify(part, sha256, uri);
                    part.complete();
                    return null;
                }
                fruitless = part.size() > before ? 1 : fruitless + 1;
                if (result == Attempt.FAILED || fruitless >= patience.attempts()) {
                    throw failed(part.size());
                }
                pause(fruitless);
            }
        }
    }

    private enum Attempt { COMPLETE, BROKEN, FAILED, ABSENT }

    private Attempt attempt(PartFile part) {
        var request = HttpRequest.newBuilder(uri).timeout(HEADERS_TIMEOUT).header("Accept-Encoding", "identity").header("User-Agent", "crema");
        if (part.size() > 0 && part.validator() == null) {
            part.restart(null);
        }
        if (part.size() > 0) {
            request.header("Range", "bytes=" + part.size() + "-").header("If-Range", part.validator());
        }
        try {
            HttpResponse<InputStream> response = client.send(request.build(), head -> new BodyStream());
            try (InputStream body = response.body()) {
                return receive(response, body, part);
            }
        } catch (ConnectException e) {
            lastFailure = "no connection to " + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
            return total < 0 ? Attempt.FAILED : Attempt.BROKEN;
        } catch (IOException e) {
            cancellation.check();
            lastFailure = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return Attempt.BROKEN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CremaException(ErrorCode.CANCELLED, "The download of " + uri + " was interrupted.", "", e);
        }
    }

    private Attempt receive(HttpResponse<InputStream> response, InputStream body, PartFile part) throws IOException {
        int status = response.statusCode();
        lastFailure = "HTTP status " + status;
        switch (status) {
            case 200 -> {
                if (response.headers().firstValue("Content-Type").orElse("").startsWith("text/html")) {
                    lastFailure = "the server answered with a web page";
                    return Attempt.ABSENT;
                }
                part.restart(Checksums.validator(response));
                total = response.headers().firstValueAsLong("Content-Length").orElse(-1);
            }
            case 206 -> {
                if (!continues(response, part)) {
                    part.restart(null);
                    return Attempt.BROKEN;
                }
            }
            case 416 -> {
                var range = ContentRange.parse(response.headers().firstValue("Content-Range").orElse(""));
                if (range != null && range.total() == part.size() && part.size() > 0) {
                    return Attempt.COMPLETE;
                }
                part.restart(null);
                return Attempt.BROKEN;
            }
            case 404, 410 -> {
                return Attempt.ABSENT;
            }
            case 408, 425, 429, 500, 502, 503, 504 -> {
                retryAfterMillis = 1000 * seconds(response.headers().firstValue("Retry-After").orElse(""));
                return Attempt.BROKEN;
            }
            default -> {
                return Attempt.FAILED;
            }
        }
        if (sha256 == null) {
            sha256 = Checksums.announced(response);
        }
        return copy(body, part);
    }

    /** Retry-After in seconds; its other form, a date, is left to the usual backoff. */
    private static long seconds(String retryAfter) {
        return !retryAfter.isEmpty() && retryAfter.length() < 6 && retryAfter.chars().allMatch(c -> c >= '0' && c <= '9')
            ? Long.parseLong(retryAfter) : 0;
    }

    /** Whether a 206 is the rest of the very file whose beginning is here. */
    private boolean continues(HttpResponse<?> response, PartFile part) {
        var range = ContentRange.parse(response.headers().firstValue("Content-Range").orElse(""));
        String validator = Checksums.validator(response);
        if (range == null || range.first() != part.size() || (validator != null && !validator.equals(part.validator()))) {
            lastFailure = "the file changed on the server, or it answered another range than asked";
            return false;
        }
        total = range.total();
        return true;
    }

    private Attempt copy(InputStream body, PartFile part) throws IOException {
        if (total >= 0) {
            part.requireSpace(total - part.size());
        }
        String name = target.getFileName().toString();
        progress.report(Progress.Phase.DOWNLOAD, name, part.size(), total);
        byte[] buffer = new byte[1 << 17];
        try (var stall = new Stall(body, patience.stallMillis(), cancellation)) {
            try {
                for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                    stall.alive();
                    part.append(buffer, count);
                    progress.report(Progress.Phase.DOWNLOAD, name, part.size(), total);
                }
            } catch (IOException e) {
                throw stall.stalled() ? new IOException("nothing arrived for " + patience.stallMillis() / 1000 + " s", e) : e;
            }
        }
        cancellation.check();
        if (total >= 0 && part.size() != total) {
            lastFailure = "the connection ended after " + part.size() + " of " + total + " bytes";
            if (part.size() > total) {
                part.restart(null);
            }
            return Attempt.BROKEN;
        }
        return Attempt.COMPLETE;
    }

    private void pause(int fruitless) {
        long millis = Math.min(MAX_BACKOFF_MILLIS, Math.max(retryAfterMillis, patience.backoffMillis() << Math.min(fruitless - 1, 10)));
        try {
            for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; ) {
                cancellation.check();
                Thread.sleep(Math.max(1, Math.min(100, (end - System.nanoTime()) / 1_000_000)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CremaException(ErrorCode.CANCELLED, "The download of " + uri + " was interrupted.", "", e);
        }
    }

    private CremaException failed(long got) {
        String of = total < 0 ? "" : " of " + total;
        String hint = got > 0 ? "Run the same command again to go on from byte " + got + "."
            : "Check the address and the connection" + (lastFailure.endsWith("401") || lastFailure.endsWith("403")
                ? "; the server wants a permission that Crema does not have." : ".");
        return new CremaException(ErrorCode.DOWNLOAD_FAILED, "Downloading " + uri + " failed after " + got + of + " bytes: " + lastFailure + ".", hint);
    }
}
