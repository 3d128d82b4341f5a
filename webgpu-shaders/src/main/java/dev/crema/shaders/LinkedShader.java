package dev.crema.shaders;

import java.util.List;

/**
 * A kernel with all its parts.
 *
 * @param source a complete WGSL module; its entry point is {@code main}
 * @param bindings those of the kernel and its parts, by index, which are 0 to n - 1
 * @param requires features that the adapter must have
 */
public record LinkedShader(String source, List<Binding> bindings, List<String> requires) {
}
