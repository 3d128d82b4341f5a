package dev.crema.jvm.files;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ManifestFilesTest {
    @TempDir
    private Path folder;

    private final List<String> read = new ArrayList<>();
    private final Progress progress = (phase, what, done, total) -> read.add(what);

    private Path model(String manifestHash) throws IOException {
        Path model = Files.createDirectories(folder.resolve("m"));
        Files.writeString(model.resolve("a.gguf"), "weights");
        Files.writeString(model.resolve("crema.json"), "{\"files\":[{\"name\":\"a.gguf\",\"size\":7,\"sha256\":\"" + manifestHash + "\"}]}");
        return model;
    }

    private OpenModelFiles open(Path model) {
        return ManifestFiles.of(LocalFiles.of(model), folder.resolve("records"), progress);
    }

    /** Read once; again when the file was written anew. */
    @Test
    void aFileIsHeldAgainstTheManifestOnce() throws IOException {
        Path model = model(Checksums.sha256("weights"));
        for (int start = 0; start < 3; start++) {
            try (OpenModelFiles files = open(model)) {
                assertNotNull(files.awaitOpen("a.gguf"));
                assertNotNull(files.awaitOpen("crema.json"));
            }
        }
        assertEquals(List.of("checksum of a.gguf"), read);
        Files.setLastModifiedTime(model.resolve("a.gguf"), FileTime.fromMillis(1_000_000_000_000L));
        try (OpenModelFiles files = open(model)) {
            assertNotNull(files.awaitOpen("a.gguf"));
        }
        assertEquals(2, read.size());
    }

    /** One of the parts stands for all, so their manifest counts for it too. */
    @Test
    void whatDiffersIsRefusedWithBothSums() throws IOException {
        Path model = model(Checksums.sha256("others!"));
        for (Path path : List.of(model, model.resolve("a.gguf"))) {
            try (OpenModelFiles files = open(path)) {
                CremaException error = assertThrows(CremaException.class, () -> files.awaitOpen("a.gguf"));
                assertEquals(ErrorCode.INVALID_CHECKPOINT, error.code());
                assertTrue(error.getMessage().contains(Checksums.sha256("weights")) && error.getMessage().contains(Checksums.sha256("others!")), error.getMessage());
            }
        }
    }

    @Test
    void withoutAManifestNothingIsRead() throws IOException {
        Path model = model("");
        Files.delete(model.resolve("crema.json"));
        try (OpenModelFiles files = open(model)) {
            assertInstanceOf(LocalFiles.class, files);
        }
    }

    /** A manifest that is none is told by whoever opens the model; records that can't be kept don't stop it. */
    @Test
    void damagedManifestsAndFullDisksAreNoErrorsHere() throws IOException {
        Path model = model(Checksums.sha256("weights"));
        Files.writeString(folder.resolve("records"), "a file in the place of the folder");
        try (OpenModelFiles files = open(model)) {
            assertNotNull(files.awaitOpen("a.gguf"));
        }
        for (String manifest : List.of("", "{", "[]", "{\"files\":3}", "{\"files\":[1,{\"name\":\"a.gguf\",\"sha256\":\"00\"}]}")) {
            Files.writeString(model.resolve("crema.json"), manifest);
            try (OpenModelFiles files = open(model)) {
                assertNotNull(files.awaitOpen("a.gguf"), manifest);
            }
        }
    }

    @Test
    void overHttpAFileIsHeldAgainstTheManifestThatWasReadBefore() throws IOException {
        byte[] manifest = ("{\"files\":[{\"name\":\"a.gguf\",\"size\":7,\"sha256\":\"" + Checksums.sha256("others!") + "\"},{\"name\":\"b.gguf\",\"size\":7,\"sha256\":\""
            + Checksums.sha256("weights") + "\"}]}").getBytes(StandardCharsets.UTF_8);
        try (var server = new ScriptedServer((request, out) -> ScriptedServer.file(request, out, request.path().endsWith(".json") ? manifest
                : "weights".getBytes(StandardCharsets.UTF_8), "\"e\"", Integer.MAX_VALUE));
                var files = RemoteFiles.of(server.uri("/m/").toString(), new ModelCache(folder), Progress.NONE, new Cancellation())) {
            assertNotNull(files.awaitOpen("crema.json"));
            assertNotNull(files.awaitOpen("b.gguf"));
            assertEquals(ErrorCode.DOWNLOAD_FAILED, assertThrows(CremaException.class, () -> files.awaitOpen("a.gguf")).code());
        }
    }
}
