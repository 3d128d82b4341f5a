package dev.crema.shaders;

/**
 * One {@code @group(0) @binding(index) var<...> name: type} of a shader.
 *
 * @param access {@code uniform}, {@code read} or {@code read_write}
 * @param type the WGSL type as written, such as {@code array<vec4<f32>>}
 */
public record Binding(int index, String name, String access, String type) {
}
