package dev.crema.build.wasm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** A hash of everything a build step reads; kept beside its output, it tells whether the step has to run again. */
record Stamp(String hash) {
    static Stamp of(String settings, List<Path> inputs) throws IOException {
        MessageDigest digest = sha256();
        digest.update(settings.getBytes(StandardCharsets.UTF_8));
        digest.update(compilerItself());
        for (Path input : inputs) {
            if (Files.isDirectory(input)) {
                addFolder(digest, input);
            } else {
                addFile(digest, input.getFileName().toString(), input);
            }
        }
        return new Stamp(HexFormat.of().formatHex(digest.digest()));
    }

    boolean matches(Path file) throws IOException {
        return Files.exists(file) && Files.readString(file).equals(hash);
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, hash);
    }

    private static void addFolder(MessageDigest digest, Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            addFile(digest, folder.relativize(file).toString(), file);
        }
    }

    private static void addFile(MessageDigest digest, String name, Path file) throws IOException {
        byte[] contents = Files.readAllBytes(file);
        digest.update((name + "\0" + contents.length + "\0").getBytes(StandardCharsets.UTF_8));
        digest.update(contents);
    }

    /** So that a change to the plugin is a reason to build again. */
    private static byte[] compilerItself() throws IOException {
        MessageDigest digest = sha256();
        for (Class<?> part : List.of(TeaVmCompiler.class, WasmMojo.class, Outputs.class)) {
            try (var in = part.getResourceAsStream(part.getSimpleName() + ".class")) {
                digest.update(in.readAllBytes());
            }
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
