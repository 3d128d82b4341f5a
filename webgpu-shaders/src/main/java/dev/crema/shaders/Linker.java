package dev.crema.shaders;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Puts a kernel together from its parts: those that it uses come first, each once, never changed. A part that exists only in variants
 * ({@code weight.f32}, {@code weight.q8_0}) is a slot, for which the caller names the variant. Where the adapter has subgroups,
 * {@code part.subgroups} is taken before {@code part}.
 */
public final class Linker {
    /** What {@code requires} may name, with the WGSL directive that a module needs for it. */
    public static final Map<String, String> FEATURES = features();

    private static final String SUBGROUPS = "subgroups";

    private final Map<String, Map<String, Shader>> byName = new TreeMap<>();

    public Linker(List<Shader> shaders) {
        for (Shader shader : shaders) {
            byName.computeIfAbsent(shader.name(), name -> new TreeMap<>()).put(shader.variant(), shader);
        }
    }

    private static Map<String, String> features() {
        Map<String, String> features = new LinkedHashMap<>();
        features.put("f16", "enable f16;");
        features.put(SUBGROUPS, "enable subgroups;");
        features.put("packed_4x8_integer_dot_product", "requires packed_4x8_integer_dot_product;");
        return features;
    }

    /** The variants of a kernel or part in alphabetical order, the empty string for the plain one; empty when there is none of that name. */
    public List<String> variants(String name) {
        return new ArrayList<>(byName.getOrDefault(name, Map.of()).keySet());
    }

    /** The file of exactly this name and variant (empty for the plain one), or null. */
    public Shader find(String name, String variant) {
        return byName.getOrDefault(name, Map.of()).get(variant);
    }

    /** The source of {@link #linked}. */
    public String link(String kernel, String variant, Map<String, String> slots, Set<String> features) {
        return linked(kernel, variant, slots, features).source();
    }

    /**
     * Links a kernel.
     *
     * @param variant of the kernel, empty for the plain one; it is taken as given
     * @param slots the variant for each slot among the parts; may name more slots than this kernel has
     * @param features those of the adapter
     * @throws LinkException when a part is missing, a slot is not chosen, or the adapter lacks a feature
     */
    public LinkedShader linked(String kernel, String variant, Map<String, String> slots, Set<String> features) {
        return assemble(parts(kernel, variant, slots, features), features);
    }

    /** Whether {@link #linked} would do: a variant applies where its parts and its features are there. */
    public boolean canLink(String kernel, String variant, Map<String, String> slots, Set<String> features) {
        try {
            linked(kernel, variant, slots, features);
            return true;
        } catch (LinkException missing) {
            return false;
        }
    }

    /** What {@link #linked} puts together, in its order: each file after those it uses, the kernel last. */
    public List<Shader> parts(String kernel, String variant, Map<String, String> slots, Set<String> features) {
        Shader root = find(kernel, variant);
        if (root == null || !root.kernel()) {
            String file = variant.isEmpty() ? kernel : kernel + "." + variant;
            throw new LinkException(file, "there is no kernel " + file + "; variants of " + kernel + ": " + named(variants(kernel)));
        }
        List<Shader> order = new ArrayList<>();
        collect(root, slots, features, new ArrayList<>(), order);
        return order;
    }

    private void collect(Shader shader, Map<String, String> slots, Set<String> features, List<Shader> path, List<Shader> order) {
        if (order.contains(shader)) {
            return;
        }
        if (path.contains(shader)) {
            StringBuilder cycle = new StringBuilder();
            for (Shader step : path.subList(path.indexOf(shader), path.size())) {
                cycle.append(step.fullName()).append(" -> ");
            }
            throw new LinkException(path.getLast().fullName(), "parts use each other in a circle: " + cycle + shader.fullName()
                + "; move what both need to a part of its own");
        }
        path.add(shader);
        for (String part : shader.uses()) {
            collect(choose(shader, part, slots, features), slots, features, path, order);
        }
        path.removeLast();
        order.add(shader);
    }

    private Shader choose(Shader user, String part, Map<String, String> slots, Set<String> features) {
        Map<String, Shader> variants = byName.get(part);
        if (variants == null) {
            throw new LinkException(user.fullName(), "uses '" + part + "', and there is no " + part + ".wgsl and no variant of it");
        }
        String chosen = slots.getOrDefault(part, "");
        if (features.contains(SUBGROUPS)) {
            Shader better = variants.get(chosen.isEmpty() ? SUBGROUPS : chosen + "." + SUBGROUPS);
            if (better != null) {
                return better;
            }
        }
        Shader shader = variants.get(chosen);
        if (shader == null) {
            throw new LinkException(user.fullName(), (chosen.isEmpty() ? "slot '" + part + "' is not chosen" : "there is no " + part + "." + chosen)
                + "; variants of " + part + ": " + named(variants(part)));
        }
        if (shader.kernel()) {
            throw new LinkException(user.fullName(), "uses '" + shader.fullName() + "', which is a kernel; only parts can be used");
        }
        return shader;
    }

    /**
     * All assignments of variants to the slots that a kernel may reach, for an adapter with {@code features}; some need parts that do not exist in
     * the chosen form ({@link #canLink}). Empty where there are more than {@code most}.
     */
    public List<Map<String, String>> choices(Shader kernel, Set<String> features, int most) {
        List<Map<String, String>> all = List.of(Map.of());
        for (String part : reached(kernel)) {
            List<String> variants = new ArrayList<>(variants(part));
            variants.removeIf(variant -> variant.equals(SUBGROUPS) || variant.endsWith("." + SUBGROUPS)
                || !features.containsAll(find(part, variant).requires()));
            if (variants.isEmpty() || variants.equals(List.of(""))) {
                continue;
            }
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> before : all) {
                for (String variant : variants) {
                    Map<String, String> choice = new LinkedHashMap<>(before);
                    choice.put(part, variant);
                    longer.add(choice);
                }
            }
            if (longer.size() > most) {
                return List.of();
            }
            all = longer;
        }
        return all;
    }

    /** Names of the parts that a shader uses in any form, at any depth. */
    public Set<String> reached(Shader shader) {
        Set<String> reached = new LinkedHashSet<>();
        reach(shader, reached);
        return reached;
    }

    private void reach(Shader shader, Set<String> reached) {
        for (String part : shader.uses()) {
            if (reached.add(part)) {
                variants(part).forEach(variant -> reach(find(part, variant), reached));
            }
        }
    }

    private static LinkedShader assemble(List<Shader> order, Set<String> features) {
        Shader root = order.getLast();
        Set<String> requires = new TreeSet<>();
        List<Binding> bindings = new ArrayList<>();
        StringBuilder sources = new StringBuilder();
        for (Shader shader : order) {
            for (String feature : shader.requires()) {
                if (!features.contains(feature)) {
                    throw new LinkException(shader.fullName(), root.fullName() + " needs '" + feature + "' for " + shader.fullName()
                        + ", and the adapter has not got it; choose another variant");
                }
                requires.add(feature);
            }
            bindings.addAll(shader.bindings());
            sources.append(shader.source());
        }
        bindings.sort(Comparator.comparingInt(Binding::index));
        StringBuilder directives = new StringBuilder();
        for (Map.Entry<String, String> feature : FEATURES.entrySet()) {
            if (requires.contains(feature.getKey())) {
                directives.append(feature.getValue()).append('\n');
            }
        }
        return new LinkedShader(directives.append(sources).toString(), List.copyOf(bindings), List.copyOf(requires));
    }

    private static String named(List<String> variants) {
        if (variants.isEmpty()) {
            return "none";
        }
        StringBuilder out = new StringBuilder();
        for (String variant : variants) {
            out.append(out.isEmpty() ? "" : ", ").append(variant.isEmpty() ? "(plain)" : variant);
        }
        return out.toString();
    }
}
