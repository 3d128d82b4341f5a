package dev.crema.jvm.files;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.device.Bytes;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** The files of a model behind http(s), fetched into a {@link ModelCache} as they are opened: a GGUF file, or a Hugging Face folder. */
public final class RemoteFiles implements OpenModelFiles {
    private static final Duration ABSENT_FOR = Duration.ofDays(1);

    private final String name;
    private final URI base;
    private final String single;
    private final ModelCache cache;
    private final Progress progress;
    private final Cancellation cancellation;
    private final Arena arena = Arena.ofShared();
    /** What the folder's manifest says, once it was opened, by file name. */
    private volatile Map<String, String> hashes = Map.of();
    /** A load that fails is cleaned up by the caller and by the engine's thread, whichever comes first. */
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param single the only file there is, or null for a folder */
    private RemoteFiles(String name, URI base, String single, ModelCache cache, Progress progress, Cancellation cancellation) {
        this.name = name;
        this.base = base;
        this.single = single;
        this.cache = cache;
        this.progress = progress;
        this.cancellation = cancellation;
    }

    /**
     * The model at {@code url}: a file where the path ends in {@code .gguf}, the folder of a {@code .safetensors} file, else a folder. Pages of the
     * Hugging Face hub stand for the files they show.
     */
    public static RemoteFiles of(String url, ModelCache cache, Progress progress, Cancellation cancellation) {
        URI uri = parse(HuggingFace.fileUrl(url));
        String path = uri.getPath();
        String last = lastSegment(path);
        if (last.endsWith(".gguf")) {
            return new RemoteFiles(last.substring(0, last.length() - 5), uri, last, cache, progress, cancellation);
        }
        String folder = last.endsWith(".safetensors") ? path.substring(0, path.length() - last.length())
            : path.endsWith("/") ? path : path + "/";
        URI base = parse(uri.getScheme() + "://" + uri.getRawAuthority() + rawPath(folder)
            + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()));
        return new RemoteFiles(HuggingFace.modelName(folder), base, null, cache, progress, cancellation);
    }

    private static URI parse(String url) {
        try {
            URI uri = new URI(url);
            if (uri.getHost() == null || uri.getPath() == null || uri.getPath().isEmpty()) {
                throw new URISyntaxException(url, "it names no file or folder of a host");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "Not a URL that can be fetched: " + e.getMessage() + ".", "", e);
        }
    }

    private static String rawPath(String path) {
        try {
            return new URI(null, null, path, null).getRawPath();
        } catch (URISyntaxException e) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "Not a path of a URL: " + path, "", e);
        }
    }

    private static String lastSegment(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> names() {
        return single == null ? null : List.of(single);
    }

    @Override
    public Bytes awaitOpen(String file) {
        if (single != null) {
            return file.equals(single) ? openSingle() : isOtherPart(file) ? LocalFiles.map(fetchOther(file), arena) : null;
        }
        if (file.isEmpty() || file.startsWith(".") || file.contains("/") || file.contains("\\")) {
            return null; // A name out of an index.json: no path may lead out of the folder.
        }
        URI uri = parse(base.getScheme() + "://" + base.getRawAuthority() + base.getRawPath() + rawPath(file)
            + (base.getRawQuery() == null ? "" : "?" + base.getRawQuery()) + (hashes.containsKey(file) ? "#sha256=" + hashes.get(file) : ""));
        Path absent = cache.pathOf(uri).resolveSibling(file + ".absent");
        if (isFresh(absent)) {
            return null;
        }
        Path path = fetchOptional(uri, absent);
        if (path == null) {
            rememberAbsent(uri, absent);
            return null;
        }
        if (file.equals(ManifestFiles.MANIFEST)) {
            hashes = readHashes(path);
        }
        return LocalFiles.map(path, arena);
    }

    private static Map<String, String> readHashes(Path manifest) {
        try {
            return ManifestFiles.hashes(Files.readString(manifest));
        } catch (IOException e) {
            throw LocalFiles.storageFailed("reading " + manifest, e);
        }
    }

    private Bytes openSingle() {
        Path path = cache.fetch(base, progress, cancellation);
        if (path == null) {
            throw new CremaException(ErrorCode.MODEL_NOT_FOUND, "There is no model file at " + base + ".",
                "Check the address; a page of the Hugging Face hub must be of the form https://huggingface.co/owner/repo/resolve/main/file.gguf.");
        }
        return LocalFiles.map(path, arena);
    }

    private boolean isOtherPart(String file) {
        return GgufFiles.isPart(file) && GgufFiles.partName(file, 1).equals(GgufFiles.partName(single, 1));
    }

    /** Another part of a split model, which lies beside the one that was named. */
    private Path fetchOther(String file) {
        String path = base.getRawPath();
        String folder = path.substring(0, path.lastIndexOf('/') + 1);
        URI uri = parse(base.getScheme() + "://" + base.getRawAuthority() + folder + rawPath(file)
            + (base.getRawQuery() == null ? "" : "?" + base.getRawQuery()));
        Path fetched = cache.fetch(uri, progress, cancellation);
        if (fetched == null) {
            throw new CremaException(ErrorCode.MODEL_NOT_FOUND, "There is no file at " + uri + ", a part of the same model as " + single + ".",
                "All parts must lie in one folder.");
        }
        return fetched;
    }

    /** Offline, a file that was not there the last time is still not there; anything else is a failure. */
    private Path fetchOptional(URI uri, Path absent) {
        try {
            return cache.fetch(uri, progress, cancellation);
        } catch (CremaException e) {
            if (e.code() == ErrorCode.DOWNLOAD_FAILED && Files.exists(absent)) {
                return null;
            }
            throw e;
        }
    }

    private static boolean isFresh(Path absent) {
        try {
            return Files.exists(absent) && Files.getLastModifiedTime(absent).toInstant().plus(ABSENT_FOR).isAfter(Instant.now());
        } catch (IOException e) {
            throw LocalFiles.storageFailed("reading " + absent, e);
        }
    }

    /** Remembered only in a folder that is a model, so that a wrong address leaves nothing behind. */
    private void rememberAbsent(URI uri, Path absent) {
        try {
            if (Files.exists(cache.pathOf(uri).resolveSibling("config.json"))) {
                Files.writeString(absent, "");
                Files.setLastModifiedTime(absent, java.nio.file.attribute.FileTime.from(Instant.now()));
            }
        } catch (IOException e) {
            throw LocalFiles.storageFailed("writing " + absent, e);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            arena.close();
        }
    }
}
