package dev.crema.server;

import java.util.Locale;
import java.util.Map;

/** Content types by file extension; browsers refuse modules and WebAssembly of any other. */
final class MimeTypes {
    private static final Map<String, String> TYPES = Map.ofEntries(Map.entry("html", "text/html; charset=utf-8"),
        Map.entry("css", "text/css; charset=utf-8"), Map.entry("js", "text/javascript; charset=utf-8"),
        Map.entry("mjs", "text/javascript; charset=utf-8"), Map.entry("json", "application/json; charset=utf-8"),
        Map.entry("map", "application/json; charset=utf-8"), Map.entry("webmanifest", "application/manifest+json; charset=utf-8"),
        Map.entry("wasm", "application/wasm"), Map.entry("svg", "image/svg+xml"), Map.entry("png", "image/png"), Map.entry("jpg", "image/jpeg"),
        Map.entry("webp", "image/webp"), Map.entry("ico", "image/x-icon"), Map.entry("woff2", "font/woff2"),
        Map.entry("txt", "text/plain; charset=utf-8"), Map.entry("md", "text/plain; charset=utf-8"), Map.entry("ts", "text/plain; charset=utf-8"),
        Map.entry("wgsl", "text/plain; charset=utf-8"), Map.entry("jinja", "text/plain; charset=utf-8"));

    private MimeTypes() { }

    static String of(String name) {
        int dot = name.lastIndexOf('.');
        return TYPES.getOrDefault(dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT), "application/octet-stream");
    }
}
