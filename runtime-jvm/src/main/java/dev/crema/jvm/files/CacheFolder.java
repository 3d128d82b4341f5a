package dev.crema.jvm.files;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where Crema keeps what it can get again: {@code CREMA_CACHE}, else the place that the operating system's users expect. */
public final class CacheFolder {
    private CacheFolder() { }

    /** The cache folder of this user; it may not exist yet. */
    public static Path get() {
        return of(System.getenv(), System.getProperty("os.name", ""), Path.of(System.getProperty("user.home", ".")));
    }

    static Path of(Map<String, String> environment, String system, Path home) {
        Path own = absolute(environment.get("CREMA_CACHE"));
        if (own != null) {
            return own;
        }
        String os = system.toLowerCase(Locale.ROOT);
        if (os.startsWith("windows")) {
            Path local = absolute(environment.get("LOCALAPPDATA"));
            return (local == null ? home.resolve("AppData").resolve("Local") : local).resolve("crema").resolve("cache");
        }
        if (os.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches").resolve("crema");
        }
        Path xdg = absolute(environment.get("XDG_CACHE_HOME"));
        return (xdg == null ? home.resolve(".cache") : xdg).resolve("crema");
    }

    private static Path absolute(String value) {
        return value == null || value.isBlank() ? null : Path.of(value).toAbsolutePath();
    }
}
