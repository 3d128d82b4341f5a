package dev.crema.build.shaders;

import dev.crema.shaders.Binding;
import dev.crema.shaders.LinkException;
import dev.crema.shaders.LinkedShader;
import dev.crema.shaders.Linker;
import dev.crema.shaders.Shader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What can only be seen of all files together: every kernel is linked with every choice of its slots, as the run time would. */
final class ShaderChecks {
    /** Far more than any kernel of ours has; a kernel with more would also be slow to test. */
    private static final int MOST_CHOICES = 4096;
    /** WebGPU's maxStorageBuffersPerShaderStage, by default. */
    private static final int MOST_BUFFERS = 8;

    private final Map<String, ShaderFile> files = new TreeMap<>();
    private final Linker linker;
    private final Problems problems;
    private int linked;

    private ShaderChecks(List<ShaderFile> files, Problems problems) {
        files.forEach(file -> this.files.put(file.shader().fullName(), file));
        this.linker = new Linker(files.stream().map(ShaderFile::shader).toList());
        this.problems = problems;
    }

    /** Returns how many kernels were linked, counting every choice. */
    static int check(List<ShaderFile> files, Problems problems) {
        ShaderChecks checks = new ShaderChecks(files, problems);
        for (ShaderFile file : files) {
            checks.checkNames(file);
        }
        if (problems.messages().isEmpty()) {
            files.stream().filter(file -> file.shader().kernel()).forEach(checks::checkKernel);
        }
        return checks.linked;
    }

    private void checkNames(ShaderFile file) {
        checkDescriptions(file);
        for (String feature : file.shader().requires()) {
            if (!Linker.FEATURES.containsKey(feature)) {
                problems.add(file.path(), file.requiresLine(), "requires '" + feature + "', which is not a feature; known: "
                    + String.join(", ", Linker.FEATURES.keySet()));
            }
        }
        for (String part : file.shader().uses()) {
            List<String> variants = linker.variants(part);
            if (variants.isEmpty()) {
                problems.add(file.path(), file.useLine(), "uses '" + part + "', and there is neither " + part + ".wgsl nor a variant of it");
            } else if (linker.find(part, variants.getFirst()).kernel()) {
                problems.add(file.path(), file.useLine(), "uses '" + part + "', which is a kernel; move what is shared to a part");
            }
        }
    }

    /** A header may describe bindings of the parts that the file uses, too. */
    private void checkDescriptions(ShaderFile file) {
        Set<String> declared = new LinkedHashSet<>(file.bindingLines().keySet());
        for (String part : linker.reached(file.shader())) {
            for (String variant : linker.variants(part)) {
                linker.find(part, variant).bindings().forEach(binding -> declared.add(binding.name()));
            }
        }
        file.describedLines().forEach((name, line) -> {
            if (!declared.contains(name)) {
                problems.add(file.path(), line, "describes '" + name + "', and no binding of that name is declared; rename or remove it (bindings: "
                    + (declared.isEmpty() ? "none" : String.join(", ", declared)) + ")");
            }
        });
    }

    private void checkKernel(ShaderFile kernel) {
        for (boolean subgroups : new boolean[] {false, true}) {
            Set<String> features = new LinkedHashSet<>(Linker.FEATURES.keySet());
            if (!subgroups && !kernel.shader().requires().contains("subgroups")) {
                features.remove("subgroups");
            }
            for (Map<String, String> slots : choices(kernel, features)) {
                linkOne(kernel, slots, features);
            }
        }
    }

    private List<Map<String, String>> choices(ShaderFile kernel, Set<String> features) {
        List<Map<String, String>> all = linker.choices(kernel.shader(), features, MOST_CHOICES);
        if (all.isEmpty()) {
            problems.add(kernel.path(), kernel.useLine(), "has more than " + MOST_CHOICES + " choices of slots; split the kernel");
        }
        return all;
    }

    private void linkOne(ShaderFile kernel, Map<String, String> slots, Set<String> features) {
        Shader shader = kernel.shader();
        try {
            LinkedShader result = linker.linked(shader.name(), shader.variant(), slots, features);
            linked++;
            checkSymbols(kernel, linker.parts(shader.name(), shader.variant(), slots, features));
            checkBindings(kernel, slots, result);
        } catch (LinkException e) {
            ShaderFile place = files.getOrDefault(e.shader(), kernel);
            problems.add(place.path(), place.useLine(), e.getMessage());
        }
    }

    private void checkSymbols(ShaderFile kernel, List<Shader> parts) {
        Map<String, ShaderFile> declared = new LinkedHashMap<>();
        for (Shader part : parts) {
            ShaderFile file = files.get(part.fullName());
            for (Map.Entry<String, Integer> symbol : file.symbols().entrySet()) {
                ShaderFile first = declared.putIfAbsent(symbol.getKey(), file);
                if (first != null) {
                    problems.add(file.path(), symbol.getValue(), "'" + symbol.getKey() + "' is also declared at "
                        + first.at(first.symbols().get(symbol.getKey())) + ", and " + kernel.shader().fullName() + " links both; rename one");
                }
            }
        }
    }

    private void checkBindings(ShaderFile kernel, Map<String, String> slots, LinkedShader result) {
        long buffers = result.bindings().stream().filter(binding -> !binding.access().equals("uniform")).count();
        if (buffers > MOST_BUFFERS) {
            problems.add(kernel.path(), kernel.bindingLines().values().stream().findFirst().orElse(1), "binds " + buffers + " storage buffers"
                + (slots.isEmpty() ? "" : " with " + slots) + ", and a weak adapter has " + MOST_BUFFERS + "; join some, or split the kernel");
            return;
        }
        for (int i = 0; i < result.bindings().size(); i++) {
            Binding binding = result.bindings().get(i);
            if (binding.index() != i) {
                String with = slots.isEmpty() ? "" : " with " + slots;
                boolean twice = i > 0 && result.bindings().get(i - 1).index() == binding.index();
                problems.add(kernel.path(), kernel.bindingLines().values().stream().findFirst().orElse(1),
                    (twice ? "two bindings have the number " + binding.index() + " (" + result.bindings().get(i - 1).name() + ", " + binding.name() + ")"
                        : "no binding has the number " + i + " (the next is " + binding.index() + ", " + binding.name() + ")")
                    + with + "; number them 0, 1, 2 ... over the kernel and its parts");
                return;
            }
        }
    }
}
