package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.Progress;
import dev.crema.shaders.Binding;
import dev.crema.shaders.LinkedShader;
import dev.crema.shaders.Linker;
import dev.crema.shaders.Shader;
import dev.crema.shaders.Shaders;
import dev.crema.web.gpu.GPUBindGroupLayout;
import dev.crema.web.gpu.GPUComputePipeline;
import dev.crema.web.gpu.GPUDevice;
import dev.crema.web.gpu.GPUPipelineLayout;
import dev.crema.web.js.Promises;
import org.teavm.jso.core.JSPromise;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The pipelines of a device, each linked and compiled once. They are asked for first, all of a graph, and then awaited together. */
final class Kernels {
    /** A kernel with its parts chosen. The layout is there at once, the pipeline after {@link #awaitAll}. */
    static final class Kernel {
        final String label;
        final GPUBindGroupLayout layout;
        GPUComputePipeline pipeline;
        private JSPromise<GPUComputePipeline> compiling;

        private Kernel(String label, GPUBindGroupLayout layout) {
            this.label = label;
            this.layout = layout;
        }
    }

    private record Layout(GPUBindGroupLayout group, GPUPipelineLayout pipeline) { }

    private static final String SUBGROUPS = "subgroups";

    private final GPUDevice device;
    private final DeviceState state;
    private final List<Shader> shaders = new ArrayList<>();
    private final Linker linker;
    private final Set<String> features;
    private final Set<String> forced;
    private final Map<List<String>, Layout> layouts = new HashMap<>();
    private final Map<String, Kernel> kernels = new LinkedHashMap<>();

    Kernels(Granted granted, DeviceState state, WebGpuOptions options) {
        device = granted.device();
        this.state = state;
        features = granted.shaderFeatures();
        forced = options.forced();
        for (Shader shader : Shaders.all()) {
            if (!options.excluded().contains(shader.fullName())) {
                shaders.add(shader);
            }
        }
        linker = new Linker(shaders);
    }

    /** A hash of all shader files. */
    String id() {
        long hash = 0xcbf29ce484222325L;
        for (Shader shader : Shaders.all()) {
            String source = shader.source();
            for (int i = 0; i < source.length(); i++) {
                hash = (hash ^ source.charAt(i)) * 0x100000001b3L;
            }
        }
        return Long.toHexString(hash);
    }

    /** Full names of all kernel variants, beside the plain forms, for which this adapter has the features. */
    List<String> variants() {
        var names = new ArrayList<String>();
        for (Shader shader : shaders) {
            if (shader.kernel() && !shader.variant().isEmpty() && features.containsAll(shader.requires())) {
                names.add(shader.fullName());
            }
        }
        return names;
    }

    /**
     * The variants of a kernel that apply: their features are there, and so is every part that they use with these slots. Of several,
     * one that is forced stands alone. Empty where all are excluded.
     */
    List<String> variants(String kernel, Map<String, String> slots) {
        var applicable = new ArrayList<String>();
        for (String variant : linker.variants(kernel)) {
            if (linker.canLink(kernel, variant, slots, features)) {
                String name = variant.isEmpty() ? kernel : kernel + "." + variant;
                if (forced.contains(name)) {
                    return List.of(name);
                }
                applicable.add(name);
            }
        }
        return applicable;
    }

    /**
     * The kernel, such as {@code mat_vec} or {@code mat_mul.tile}, with these variants of its slots; starts compiling it where it is new.
     */
    Kernel get(String name, Map<String, String> slots) {
        return get(name, slots, null, 0);
    }

    /** The same with a team of another size than usual where its lanes are a workgroup. */
    Kernel ofTeams(String name, Teams teams, int lanes) {
        return get(name, Map.of("team", teams.variant), teams == Teams.WORKGROUP ? "TEAM_LANES" : null, lanes);
    }

    /** The same with a value for one of its overrides; {@code constant} may be null. */
    Kernel get(String name, Map<String, String> slots, String constant, int value) {
        return get(name, slots, constant, value, features);
    }

    /** Whether teams can add up by subgroups. */
    boolean haveSubgroups() {
        return features.contains(SUBGROUPS) && linker.find("team", Teams.WORKGROUP.variant + "." + SUBGROUPS) != null;
    }

    /** The kernel with teams that add up in this form. */
    Kernel get(String name, Map<String, String> slots, TeamForm form) {
        if (form == TeamForm.SUBGROUPS || !features.contains(SUBGROUPS)) {
            return get(name, slots);
        }
        var fewer = new HashSet<>(features);
        fewer.remove(SUBGROUPS);
        return get(name, slots, null, 0, fewer);
    }

    private Kernel get(String name, Map<String, String> slots, String constant, int value, Set<String> features) {
        String label = name + slots + (constant == null ? "" : " " + constant + "=" + value)
            + (features.size() < this.features.size() ? " without " + SUBGROUPS : "");
        Kernel known = kernels.get(label);
        if (known != null) {
            return known;
        }
        int dot = name.indexOf('.');
        LinkedShader linked = dot < 0 ? linker.linked(name, "", slots, features)
            : linker.linked(name.substring(0, dot), name.substring(dot + 1), slots, features);
        List<String> types = new ArrayList<>();
        for (Binding binding : linked.bindings()) {
            types.add(type(binding));
        }
        Layout layout = layouts.computeIfAbsent(types, this::newLayout);
        var kernel = new Kernel(label, layout.group);
        kernel.compiling = device.createComputePipelineAsync(label, layout.pipeline, device.createShaderModule(label, linked.source()),
            constant, value);
        kernels.put(label, kernel);
        return kernel;
    }

    private static String type(Binding binding) {
        return switch (binding.access()) {
            case "uniform" -> "uniform";
            case "read" -> "read-only-storage";
            default -> "storage";
        };
    }

    private Layout newLayout(List<String> types) {
        GPUBindGroupLayout group = device.createBindGroupLayout(types.toArray(new String[0]));
        return new Layout(group, device.createPipelineLayout(group));
    }

    /** Waits until all kernels asked for so far are compiled. */
    void awaitAll(Progress progress) {
        List<Kernel> open = new ArrayList<>();
        for (Kernel kernel : kernels.values()) {
            if (kernel.pipeline == null) {
                open.add(kernel);
            }
        }
        CremaException failure = null;
        for (int i = 0; i < open.size(); i++) {
            Kernel kernel = open.get(i);
            progress.report(Progress.Phase.COMPILE, kernel.label, i, open.size());
            try {
                kernel.pipeline = Promises.await(kernel.compiling);
            } catch (CremaException rejection) {
                // The others are awaited all the same, so that no rejection is left unhandled.
                failure = failure == null ? rejection : failure;
            }
        }
        if (failure != null) {
            kernels.values().removeAll(open);
            throw state.failure(failure);
        }
        progress.report(Progress.Phase.COMPILE, "", open.size(), open.size());
    }
}
