package dev.crema.build.shaders;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What WGSL has and our files must not use, because they are also translated to CUDA C++ and stay within WebGPU's default limits; the
 * README of webgpu-shaders says what is left. A word is enough to find each of these.
 */
final class Subset {
    private record Forbidden(Pattern pattern, String advice) {
    }

    private static final List<Forbidden> FORBIDDEN = List.of(
        of("atomic\\w*", "let one team write what several would add to, in a fixed order"),
        of("mat[234]x[234][fh]?", "write it as vectors and dot"),
        of("texture[_A-Z]\\w*|sampler(?:_comparison)?", "data is in storage buffers"),
        of("ptr\\s*<\\s*(?:storage|uniform|workgroup|private)\\b", "pass an index; only ptr<function, T> is left, for results"),
        of("continuing", "say for or while"),
        of("modf|frexp", "use floor, or the bits"),
        of("workgroupUniformLoad", "read after workgroupBarrier()"),
        of("alias", "write the type out"),
        of("const_assert", "check it where the kernel is chosen"));

    private static final Pattern STORED_ADDRESS = Pattern.compile("=\\s*(&(?!&)\\s*\\w+)");

    private Subset() {
    }

    private static Forbidden of(String words, String advice) {
        return new Forbidden(Pattern.compile("\\b(?:" + words + ")\\b"), advice);
    }

    /** Adds a problem for each use of what is not in the subset; {@code code} is without comments. */
    static void check(String path, String code, Problems problems) {
        for (Forbidden forbidden : FORBIDDEN) {
            Matcher use = forbidden.pattern.matcher(code);
            while (use.find()) {
                problems.add(path, WgslText.lineOf(code, use.start()), "'" + use.group() + "' is not in the subset of WGSL that can be translated; "
                    + forbidden.advice);
            }
        }
        Matcher address = STORED_ADDRESS.matcher(code);
        while (address.find()) {
            problems.add(path, WgslText.lineOf(code, address.start(1)), "'" + address.group(1)
                + "' keeps a pointer, which is not in the subset of WGSL that can be translated; pass it to a function, or keep an index");
        }
    }
}
