package dev.crema.jvm.files;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** From what a person writes for a model (nothing, a path, a URL) to its files. */
public final class ModelSource {
    /** The model that comes with Crema. */
    public static final String DEFAULT = "crema-tiny";

    private ModelSource() { }

    /**
     * Opens the files of {@code model}: null or empty for the embedded one, an http(s) URL, a {@code file:} URL, or a path.
     *
     * @throws CremaException MODEL_NOT_FOUND, DOWNLOAD_FAILED, STORAGE_FAILED or INVALID_REQUEST
     */
    public static OpenModelFiles open(String model, Progress progress, Cancellation cancellation) {
        if (model == null || model.isBlank()) {
            return embedded();
        }
        if (model.startsWith("http://") || model.startsWith("https://")) {
            return RemoteFiles.of(model, new ModelCache(CacheFolder.get()), progress, cancellation);
        }
        if (model.startsWith("hf:")) {
            throw new CremaException(ErrorCode.MODEL_NOT_FOUND, "Names of the form " + model + " are not understood yet.",
                "Use the address instead: https://huggingface.co/" + model.substring(3) + ".");
        }
        Path path = path(model);
        if (!Files.exists(path) && model.equals(DEFAULT)) {
            return embedded();
        }
        return ManifestFiles.of(LocalFiles.of(path), CacheFolder.get().resolve("verified"), progress);
    }

    private static Path path(String model) {
        try {
            if (model.startsWith("file:")) {
                return Path.of(URI.create(model));
            }
            if (model.startsWith("~/")) {
                return Path.of(System.getProperty("user.home")).resolve(model.substring(2));
            }
            return Path.of(model);
        } catch (IllegalArgumentException e) {
            throw new CremaException(ErrorCode.MODEL_NOT_FOUND, "Not a path: " + model + " (" + e.getMessage() + ").", "", e);
        }
    }

    /** Packed in the class path; in a checkout that is not packaged, {@code -Dcrema.models} names the folder that has it. */
    private static OpenModelFiles embedded() {
        OpenModelFiles packed = ResourceFiles.find(DEFAULT);
        if (packed != null) {
            return packed;
        }
        String models = System.getProperty("crema.models");
        if (models != null && Files.isDirectory(Path.of(models, DEFAULT))) {
            return LocalFiles.of(Path.of(models, DEFAULT));
        }
        throw new CremaException(ErrorCode.MODEL_NOT_FOUND, "This build of Crema has no embedded model.", "Name one with --model.");
    }
}
