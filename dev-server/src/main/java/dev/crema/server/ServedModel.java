package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.files.ModelSource;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A model that a server has, loaded or not.
 *
 * @param name   what requests call it
 * @param source path or URL; null for the embedded model
 */
record ServedModel(String name, String source) {
    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9._-]+)=(.+)");
    private static final Pattern EXTENSION = Pattern.compile("(-0+1-of-\\d+)?\\.gguf$|\\.safetensors$");

    /** {@code path}, {@code URL} or {@code name=path-or-URL}. */
    static ServedModel parse(String text) {
        var named = NAMED.matcher(text);
        return named.matches() && !Files.exists(Path.of(text)) ? new ServedModel(named.group(1), named.group(2)) : new ServedModel(nameOf(text), text);
    }

    /** The file's or folder's name. */
    private static String nameOf(String source) {
        try {
            String path = source.matches("(https?|file):.*") ? URI.create(source).getPath() : Path.of(source).toAbsolutePath().normalize().toString();
            String[] parts = (path == null ? source : path).split("[/\\\\]+");
            String last = parts[parts.length - 1];
            if (last.endsWith(".safetensors") && parts.length > 1) {
                last = parts[parts.length - 2];
            }
            return EXTENSION.matcher(last).replaceFirst("");
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "Not a model's path or URL: " + source + ".", "", e);
        }
    }

    /** The GGUF files and the Hugging Face folders right in {@code folder}, by name; of a split file the first part stands for all. */
    static List<ServedModel> in(Path folder) {
        var found = new ArrayList<ServedModel>();
        try (var entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                boolean gguf = Files.isRegularFile(entry) && name.endsWith(".gguf") && (!name.matches(".*-\\d+-of-\\d+\\.gguf") || name.matches(".*-0+1-of-\\d+\\.gguf"));
                if (gguf || Files.isRegularFile(entry.resolve("config.json"))) {
                    found.add(new ServedModel(nameOf(entry.toString()), entry.toString()));
                }
            }
        } catch (IOException e) {
            throw new CremaException(ErrorCode.STORAGE_FAILED, "The models in " + folder + " can't be listed: " + e + ".", "", e);
        }
        found.sort((a, b) -> a.name.compareTo(b.name));
        return found;
    }

    /** The embedded model. */
    static ServedModel embedded() {
        return new ServedModel(ModelSource.DEFAULT, null);
    }

    /** All of them by name, refusing two of one name. */
    static Map<String, ServedModel> byName(List<ServedModel> models) {
        var byName = new LinkedHashMap<String, ServedModel>();
        for (ServedModel model : models) {
            ServedModel other = byName.putIfAbsent(model.name, model);
            if (other != null) {
                throw new CremaException(ErrorCode.INVALID_REQUEST, "Two models are called " + model.name + ": " + other.source + " and " + model.source + ".",
                    "Give one of them another name: --model other=" + model.source + ".");
            }
        }
        return byName;
    }
}
