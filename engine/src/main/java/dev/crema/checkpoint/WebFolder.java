package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;
import dev.crema.json.Json;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder made for static hosting: {@code crema.json} lists the parts of one GGUF model with their sizes, so that they are found where a folder
 * can't be listed, and a part that is cut short is known before its weights are used.
 */
final class WebFolder {
    static final String MANIFEST = "crema.json";
    private static final int MAX_FILES = 4096;

    private WebFolder() { }

    /** The files that the manifest lists, or null where there is none. */
    static ModelFiles awaitOpen(ModelFiles files) {
        Bytes manifest = files.awaitOpen(MANIFEST);
        if (manifest == null) {
            return null;
        }
        Json.Obj json = HuggingFaceFolder.awaitReadJson(MANIFEST, manifest);
        if (!(json.get("files") instanceof Json.Arr list) || list.size() == 0 || list.size() > MAX_FILES) {
            throw Damage.invalid(MANIFEST, "there is no list \"files\" of 1 to " + MAX_FILES);
        }
        var sizes = new LinkedHashMap<String, Long>();
        for (Json item : list.items()) {
            if (!(item instanceof Json.Obj file) || !(file.get("name") instanceof Json.Str name) || !(file.get("size") instanceof Json.Num size)
                    || !size.isInteger() || size.text().length() > 18 || name.value().isEmpty() || name.value().indexOf('/') >= 0
                    || name.value().indexOf('\\') >= 0 || name.value().startsWith(".")) {
                throw Damage.invalid(MANIFEST, "an entry of \"files\" has no name and size");
            }
            sizes.put(name.value(), size.longValue());
        }
        String model = json.get("name") instanceof Json.Str name ? name.value() : files.name();
        return new Listed(model, files, sizes);
    }

    private record Listed(String name, ModelFiles files, Map<String, Long> sizes) implements ModelFiles {
        @Override
        public List<String> names() {
            return List.copyOf(sizes.keySet());
        }

        @Override
        public Bytes awaitOpen(String name) {
            Long size = sizes.get(name);
            Bytes file = size == null ? null : files.awaitOpen(name);
            if (file != null && file.length() != size) {
                throw new CremaException(ErrorCode.INVALID_CHECKPOINT, name + " has " + file.length() + " bytes, " + MANIFEST + " says " + size + ".",
                    "Copy the whole folder to the server again, all files of one conversion.");
            }
            return file;
        }
    }
}
