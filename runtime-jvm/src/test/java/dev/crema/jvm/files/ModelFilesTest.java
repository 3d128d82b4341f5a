package dev.crema.jvm.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class ModelFilesTest {
    @TempDir
    private Path folder;

    private static String text(Bytes bytes) {
        byte[] all = new byte[(int) bytes.length()];
        bytes.awaitRead(0, all, 0, all.length);
        return new String(all, StandardCharsets.UTF_8);
    }

    @Test
    void mapsTheFilesOfAFolder() throws IOException {
        Path model = Files.createDirectory(folder.resolve("my-model"));
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(model.resolve("model.safetensors"), "0123456789");
        Files.writeString(folder.resolve("secret"), "no");
        for (Path path : List.of(model, model.resolve("model.safetensors"))) {
            try (var files = LocalFiles.of(path)) {
                assertEquals("my-model", files.name());
                assertEquals(List.of("config.json", "model.safetensors"), files.names());
                Bytes bytes = files.awaitOpen("model.safetensors");
                assertEquals("3456", text(bytes.slice(2, 6).slice(1, 4)));
                assertThrows(IndexOutOfBoundsException.class, () -> bytes.slice(8, 3));
                assertThrows(IndexOutOfBoundsException.class, () -> bytes.awaitRead(9, new byte[2], 0, 2));
                assertNull(files.awaitOpen("../secret"));
                assertNull(files.awaitOpen("absent.json"));
            }
        }
    }

    @Test
    void bytesAreReadBesideTheMapping() throws IOException {
        Path file = Files.writeString(folder.resolve("model.gguf"), "0123456789");
        try (var files = LocalFiles.of(file); Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(4);
            var bytes = (MappedBytes) files.awaitOpen("model.gguf").slice(2, 8);
            try (MappedBytes.Reader reader = bytes.open()) {
                reader.read(1, target);
                assertEquals("3456", new String(target.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
                assertThrows(IndexOutOfBoundsException.class, () -> reader.read(5, target));
                // An interrupt closes the channel; the mapping still has the bytes.
                Thread.currentThread().interrupt();
                reader.read(4, target);
                assertTrue(Thread.interrupted());
                assertEquals("6789", new String(target.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
            }
            Files.writeString(file, "0123");
            try (MappedBytes.Reader reader = bytes.open()) {
                CremaException e = assertThrows(CremaException.class, () -> reader.read(1, target));
                assertEquals(ErrorCode.STORAGE_FAILED, e.code());
            }
        }
    }

    @Test
    void aGgufFileStandsAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("tiny-q8_0.gguf"), "GGUF");
        try (var files = LocalFiles.of(file)) {
            assertEquals("tiny-q8_0", files.name());
            assertEquals(List.of("tiny-q8_0.gguf"), files.names());
            assertEquals("GGUF", text(files.awaitOpen("tiny-q8_0.gguf")));
        }
    }

    @Test
    void anEmptyFileHasNoBytes() throws IOException {
        Path file = Files.createFile(folder.resolve("empty.gguf"));
        try (var files = LocalFiles.of(file)) {
            assertEquals(0, files.awaitOpen("empty.gguf").length());
        }
    }

    @Test
    void saysWhatIsMissing() {
        CremaException error = assertThrows(CremaException.class, () -> ModelSource.open(folder.resolve("nowhere").toString(), Progress.NONE,
            new Cancellation()));
        assertEquals(ErrorCode.MODEL_NOT_FOUND, error.code());
        assertThrows(CremaException.class, () -> ModelSource.open("hf:owner/repo", Progress.NONE, new Cancellation()));
        assertThrows(CremaException.class, () -> ModelSource.open("http://", Progress.NONE, new Cancellation()));
        assertThrows(CremaException.class, () -> ModelSource.open("https://host", Progress.NONE, new Cancellation()));
    }

    @Test
    void readsAFolderBehindHttpAndRemembersWhatIsAbsent() throws IOException {
        byte[] config = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
        try (var server = new ScriptedServer((request, out) -> {
            if (request.path().equals("/m/owner/config.json")) {
                ScriptedServer.file(request, out, config, "\"c\"", Integer.MAX_VALUE);
            } else {
                ScriptedServer.head(out, "404 Not Found", "Content-Length: 0");
            }
        })) {
            var cache = new ModelCache(folder);
            for (String url : List.of("/m/owner/", "/m/owner", "/m/owner/model.safetensors")) {
                try (var files = RemoteFiles.of(server.uri(url).toString(), cache, Progress.NONE, new Cancellation())) {
                    assertEquals("owner", files.name());
                    assertNull(files.names());
                    assertEquals("{\"a\":1}", text(files.awaitOpen("config.json")));
                    assertNull(files.awaitOpen("tokenizer.model"));
                    assertNull(files.awaitOpen("../config.json"));
                }
            }
            assertEquals(2, server.requests.size());
        }
    }

    @Test
    void aMissingGgufIsAnError() throws IOException {
        try (var server = new ScriptedServer((request, out) -> ScriptedServer.head(out, "404 Not Found", "Content-Length: 0"));
                var files = RemoteFiles.of(server.uri("/x.gguf").toString(), new ModelCache(folder), Progress.NONE, new Cancellation())) {
            assertEquals(List.of("x.gguf"), files.names());
            assertEquals(ErrorCode.MODEL_NOT_FOUND, assertThrows(CremaException.class, () -> files.awaitOpen("x.gguf")).code());
        }
    }

    @Test
    void understandsPagesOfTheHub() {
        assertEquals("https://huggingface.co/o/r/resolve/main/", HuggingFace.fileUrl("https://huggingface.co/o/r"));
        assertEquals("https://huggingface.co/o/r/resolve/main/", HuggingFace.fileUrl("https://huggingface.co/o/r/"));
        assertEquals("https://huggingface.co/o/r/resolve/main/x.gguf", HuggingFace.fileUrl("https://huggingface.co/o/r/blob/main/x.gguf"));
        assertEquals("https://huggingface.co/o/r/resolve/main/x.gguf", HuggingFace.fileUrl("https://huggingface.co/o/r/resolve/main/x.gguf"));
        assertEquals("https://example.com/o/r", HuggingFace.fileUrl("https://example.com/o/r"));
        assertEquals("r", HuggingFace.modelName("/o/r/resolve/main/"));
        assertEquals("crema-tiny", HuggingFace.modelName("/models/crema-tiny/"));
        assertEquals("model", HuggingFace.modelName("/"));
    }

    @Test
    void findsTheCacheWhereTheSystemPutsIt() {
        Path home = Path.of("/home/u").toAbsolutePath();
        assertEquals(home.resolve(".cache/crema"), CacheFolder.of(Map.of(), "Linux", home));
        assertEquals(Path.of("/x/crema").toAbsolutePath(), CacheFolder.of(Map.of("XDG_CACHE_HOME", "/x"), "Linux", home));
        assertEquals(home.resolve("Library/Caches/crema"), CacheFolder.of(Map.of("XDG_CACHE_HOME", "/x"), "Mac OS X", home));
        assertEquals(Path.of("/l/crema/cache").toAbsolutePath(), CacheFolder.of(Map.of("LOCALAPPDATA", "/l"), "Windows 11", home));
        assertEquals(Path.of("/own").toAbsolutePath(), CacheFolder.of(Map.of("CREMA_CACHE", "/own", "XDG_CACHE_HOME", "/x"), "Linux", home));
        assertNotNull(CacheFolder.get());
    }

    @Test
    void readsContentRanges() {
        assertEquals(new ContentRange(1, 5, 10), ContentRange.parse("bytes 1-5/10"));
        assertEquals(new ContentRange(1, 5, -1), ContentRange.parse("bytes 1-5/*"));
        assertEquals(new ContentRange(-1, -1, 10), ContentRange.parse("bytes */10"));
        for (String bad : List.of("", "bytes", "bytes 5-1/10", "bytes 1-10/10", "bytes a-b/c", "items 1-5/10", "bytes -5/10", "bytes 1-/10")) {
            assertNull(ContentRange.parse(bad), bad);
        }
    }
}
