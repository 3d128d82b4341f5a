package dev.crema.jvm.files;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What identifies a file's contents: SHA-256 and the validators of HTTP. */
final class Checksums {
    private Checksums() { }

    /** The strong ETag, else Last-Modified, else null: what If-Range may carry (RFC 9110, 13.1.5). */
    static String validator(HttpResponse<?> response) {
        String etag = response.headers().firstValue("ETag").orElse("");
        return etag.startsWith("\"") ? etag : response.headers().firstValue("Last-Modified").orElse(null);
    }

    /**
     * The SHA-256 that the server, or one that redirected to it, gives for the file, or null. The Hugging Face hub sends it in X-Linked-Etag
     * with the redirect, its file store as ETag.
     */
    static String announced(HttpResponse<?> response) {
        for (HttpResponse<?> at = response; at != null; at = at.previousResponse().orElse(null)) {
            for (String header : new String[] {"X-Linked-Etag", "ETag"}) {
                String value = at.headers().firstValue(header).orElse("");
                if (value.length() == 66 && value.startsWith("\"") && isSha256(value.substring(1, 65))) {
                    return value.substring(1, 65).toLowerCase(Locale.ROOT);
                }
            }
        }
        return null;
    }

    static boolean isSha256(String text) {
        return text.length() == 64 && text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128);
    }

    /** Checks what arrived against {@code expected} (null: nothing to check); on a difference the bytes are thrown away. */
    static void verify(PartFile part, String expected, URI uri) {
        if (expected == null) {
            return;
        }
        long size = part.size();
        String actual;
        try {
            actual = sha256(part.path());
        } catch (IOException e) {
            throw LocalFiles.storageFailed("reading " + part.path(), e);
        }
        if (!actual.equals(expected)) {
            part.discard();
            throw new CremaException(ErrorCode.DOWNLOAD_FAILED, "The " + size + " bytes of " + uri + " have SHA-256 " + actual
                + ", expected " + expected + ".", "They were damaged on the way or replaced on the server; they have been deleted, try again.");
        }
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[1 << 17];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String sha256(String text) {
        return HexFormat.of().formatHex(digest().digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
