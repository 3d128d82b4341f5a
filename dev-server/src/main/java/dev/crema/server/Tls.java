package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A server's certificate and key, from PEM files as certificate authorities and their clients write them. */
final class Tls {
    private static final Pattern KEY = Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = new char[0];

    private Tls() { }

    /** {@code certificates} is the chain, the server's own first; {@code key} is PKCS #8 without a password. */
    static SSLContext read(Path certificates, Path key) {
        try {
            Certificate[] chain = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes(certificates)))
                .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new CremaException(ErrorCode.INVALID_REQUEST, "There is no certificate in " + certificates + ".", "It is to be in PEM.");
            }
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("server", key(key, chain[0].getPublicKey().getAlgorithm()), NO_PASSWORD, chain);
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, NO_PASSWORD);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The certificate " + certificates + " and the key " + key + " can't be used: " + e.getMessage()
                + ".", "", e);
        }
    }

    private static PrivateKey key(Path file, String algorithm) throws GeneralSecurityException {
        var pem = KEY.matcher(new String(bytes(file), StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "There is no PRIVATE KEY of PKCS #8 in " + file + ".",
                "Make one of another form with: openssl pkcs8 -topk8 -nocrypt -in " + file + ".");
        }
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CremaException(ErrorCode.STORAGE_FAILED, "The file " + file + " can't be read: " + e + ".", "", e);
        }
    }
}
