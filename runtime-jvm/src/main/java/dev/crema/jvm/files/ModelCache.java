package dev.crema.jvm.files;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Files from the network, kept under {@code models/<host>/<path>} of the cache folder. What is there is used without asking the server
 * again; delete it to fetch a newer one.
 */
public final class ModelCache {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

    private final Path folder;
    private final Download.Patience patience;
    private HttpClient client;

    public ModelCache(Path folder) {
        this(folder, Download.Patience.DEFAULT);
    }

    ModelCache(Path folder, Download.Patience patience) {
        this.folder = folder;
        this.patience = patience;
    }

    /** The file's path in the cache, whether it has been fetched or not. */
    public Path pathOf(URI uri) {
        String host = uri.getHost() == null ? "unknown" : uri.getHost().toLowerCase(Locale.ROOT);
        Path path = folder.resolve("models").resolve(safe(uri.getPort() < 0 ? host : host + "_" + uri.getPort()));
        String[] segments = uri.getPath().split("/");
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            if (!segments[i].isEmpty()) {
                path = path.resolve(safe(last && uri.getRawQuery() != null ? segments[i] + "?" + uri.getRawQuery() : segments[i]));
            }
        }
        return path;
    }

    /** A name for any file system; where characters had to go, a hash keeps different names apart. */
    private static String safe(String name) {
        var out = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_' || (c == '.' && i > 0));
            out.append(plain ? c : '_');
        }
        boolean changed = !out.toString().equals(name);
        if (changed || out.length() > 120) {
            String hash = Checksums.sha256(name).substring(0, 10);
            // The hash goes in front of the extension, which tells the format.
            int dot = name.indexOf('?') < 0 ? out.lastIndexOf(".") : -1;
            String extension = dot > 0 && out.length() - dot < 16 ? out.substring(dot) : "";
            out.setLength(Math.min(out.length() - extension.length(), 100));
            out.append('-').append(hash).append(extension);
        }
        return out.toString();
    }

    /**
     * The file of this URL, fetched if it is not there yet. A fragment {@code #sha256=<hex>} is checked after the download.
     *
     * @return null where the server does not have it
     */
    public Path fetch(URI uri, Progress progress, Cancellation cancellation) {
        Path target = pathOf(uri);
        if (Files.isRegularFile(target)) {
            return target;
        }
        try {
            Files.createDirectories(target.getParent());
        } catch (IOException e) {
            throw LocalFiles.storageFailed("creating " + target.getParent(), e);
        }
        try (var lock = DownloadLock.await(target, progress, cancellation)) {
            if (Files.isRegularFile(target)) {
                return target;
            }
            URI plain = URI.create(withoutFragment(uri.toString()));
            String missing = new Download(client(), plain, target, sha256(uri), patience, progress, cancellation).run();
            return missing == null ? target : null;
        }
    }

    private static String withoutFragment(String uri) {
        int hash = uri.indexOf('#');
        return hash < 0 ? uri : uri.substring(0, hash);
    }

    private static String sha256(URI uri) {
        String fragment = uri.getFragment();
        if (fragment == null || !fragment.startsWith("sha256=")) {
            return null;
        }
        String hash = fragment.substring("sha256=".length()).toLowerCase(Locale.ROOT);
        if (!Checksums.isSha256(hash)) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The sha256 of " + uri + " has " + hash.length()
                + " characters that are not all hexadecimal, expected 64.", "");
        }
        return hash;
    }

    private synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(CONNECT_TIMEOUT).build();
        }
        return client;
    }
}
