package dev.crema.jvm.files;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The files of a folder that {@code crema convert} made, held against the SHA-256 of its {@code crema.json} before they are used. What was right is remembered
 * with its size and time in a folder of records, so that the next start need not read it all again.
 */
final class ManifestFiles implements OpenModelFiles {
    static final String MANIFEST = "crema.json";
    private static final long MAX_MANIFEST_BYTES = 4 << 20;

    private final LocalFiles files;
    private final Path records;
    private final Progress progress;
    private final Map<String, String> expected;

    private ManifestFiles(LocalFiles files, Path records, Progress progress, Map<String, String> expected) {
        this.files = files;
        this.records = records;
        this.progress = progress;
        this.expected = expected;
    }

    /** {@code files} as they are where there is no manifest beside them, else with its checks. */
    static OpenModelFiles of(LocalFiles files, Path records, Progress progress) {
        Path manifest = files.folder().resolve(MANIFEST);
        if (!Files.isRegularFile(manifest)) {
            return files;
        }
        try {
            return new ManifestFiles(files, records, progress, Files.size(manifest) > MAX_MANIFEST_BYTES ? Map.of() : hashes(Files.readString(manifest)));
        } catch (IOException e) {
            files.close();
            throw LocalFiles.storageFailed("reading " + manifest, e);
        }
    }

    /** SHA-256 by file name, as far as the manifest has them; what else is wrong with it is told by whoever opens the model. */
    static Map<String, String> hashes(String manifest) {
        var hashes = new LinkedHashMap<String, String>();
        try {
            if (JsonParser.parseObject(manifest).get("files") instanceof Json.Arr list) {
                for (Json item : list.items()) {
                    if (item instanceof Json.Obj file && file.get("name") instanceof Json.Str name && file.get("sha256") instanceof Json.Str hash
                            && Checksums.isSha256(hash.value())) {
                        hashes.put(name.value(), hash.value().toLowerCase(Locale.ROOT));
                    }
                }
            }
        } catch (CremaException e) {
            return Map.of();
        }
        return hashes;
    }

    @Override
    public String name() {
        return files.name();
    }

    @Override
    public List<String> names() {
        return files.names();
    }

    @Override
    public Bytes awaitOpen(String file) {
        String hash = expected.get(file);
        if (hash != null && files.names().contains(file)) {
            check(files.folder().resolve(file), hash);
        }
        return files.awaitOpen(file);
    }

    private void check(Path file, String hash) {
        try {
            String state = hash + " " + Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
            Path record = records.resolve(Checksums.sha256(file.toString()));
            if (Files.isRegularFile(record) && Files.readString(record).equals(state)) {
                return;
            }
            progress.report(Progress.Phase.OPEN, "checksum of " + file.getFileName(), 0, -1);
            String actual = Checksums.sha256(file);
            if (!actual.equals(hash)) {
                throw new CremaException(ErrorCode.INVALID_CHECKPOINT, file.getFileName() + " of " + Files.size(file) + " bytes has SHA-256 " + actual + ", " + MANIFEST + " says "
                    + hash + ".", "Copy the whole folder again, all files of one conversion.");
            }
            remember(record, state);
        } catch (IOException e) {
            throw LocalFiles.storageFailed("reading " + file, e);
        }
    }

    /** Where nothing can be kept, the next start reads it all again. */
    private void remember(Path record, String state) {
        try {
            Files.createDirectories(records);
            Files.writeString(record, state);
        } catch (IOException e) {
            progress.report(Progress.Phase.OPEN, "checksum is not kept: " + e, 0, -1);
        }
    }

    @Override
    public void close() {
        files.close();
    }
}
