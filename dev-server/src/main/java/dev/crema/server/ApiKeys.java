package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** The keys that callers may use; only their hashes are kept, and comparing takes as long for a wrong key as for a right one. */
final class ApiKeys {
    /** Lets everybody in. */
    static final ApiKeys NONE = new ApiKeys(List.of());

    private final List<byte[]> hashes;

    private ApiKeys(List<byte[]> hashes) {
        this.hashes = hashes;
    }

    /** Reads keys one a line; blank lines and lines that begin with # are skipped. */
    static ApiKeys read(Path file) {
        var hashes = new ArrayList<byte[]>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    hashes.add(hash(line.strip()));
                }
            }
        } catch (IOException e) {
            throw new CremaException(ErrorCode.STORAGE_FAILED, "The API keys can't be read from " + file + ": " + e + ".", "", e);
        }
        if (hashes.isEmpty()) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The file " + file + " has no API key.", "Write one key a line.");
        }
        return new ApiKeys(hashes);
    }

    boolean isEmpty() {
        return hashes.isEmpty();
    }

    /** Whether the value of an Authorization header (null: there is none) lets its sender in. */
    boolean admits(String authorization) {
        if (hashes.isEmpty()) {
            return true;
        }
        if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return false;
        }
        byte[] given = hash(authorization.substring(7).strip());
        boolean found = false;
        for (byte[] hash : hashes) {
            found |= MessageDigest.isEqual(hash, given);
        }
        return found;
    }

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
