package dev.crema.build.shaders;

import dev.crema.shaders.Binding;
import dev.crema.shaders.Shader;
import java.util.List;
import java.util.Map;

/**
 * A .wgsl file as parsed.
 *
 * @param path as named in messages
 * @param shader what is generated of it
 * @param bindingLines line of each declaration of a binding, by its name
 * @param describedLines line of each description of a binding in the header, by the binding's name
 * @param useLine line of the first {@code use}, or 1
 * @param requiresLine line of the first {@code requires}, or 1
 * @param symbols names declared at module scope with their lines; of a name declared twice the first
 */
record ShaderFile(String path, Shader shader, Map<String, Integer> bindingLines, Map<String, Integer> describedLines, int useLine,
                  int requiresLine, Map<String, Integer> symbols) {
    String at(int line) {
        return path + ":" + line;
    }

    List<Binding> bindings() {
        return shader.bindings();
    }
}
