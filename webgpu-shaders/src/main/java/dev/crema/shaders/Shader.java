package dev.crema.shaders;

import java.util.List;

/**
 * One .wgsl file: a kernel (it has an entry point {@code main}) or a part that kernels and other parts use.
 *
 * @param name the file's name up to the first dot
 * @param variant what stands between the first dot and {@code .wgsl}, or the empty string
 * @param source WGSL without comments and indentation
 * @param uses names of the parts it needs, as its header lists them
 * @param requires features of the adapter it needs itself; see {@link Linker#FEATURES}
 * @param bindings those declared in this file, by index; those of its parts come on top
 */
public record Shader(String name, String variant, boolean kernel, String source, List<String> uses, List<String> requires,
                     List<Binding> bindings) {
    /** As in the file's name: {@code weight.q8_0}. */
    public String fullName() {
        return variant.isEmpty() ? name : name + "." + variant;
    }
}
