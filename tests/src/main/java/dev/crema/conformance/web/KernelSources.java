package dev.crema.conformance.web;

import dev.crema.shaders.LinkedShader;
import dev.crema.shaders.Linker;
import dev.crema.shaders.Shader;
import dev.crema.shaders.Shaders;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every kernel in every form that the linker can make, whatever adapter there is: to be compiled, if nothing else. */
final class KernelSources {
    private static final int MOST_CHOICES = 4096;

    /** Hears of each module. */
    interface Receiver {
        /** {@code requires} are features by the names of {@link Linker#FEATURES}, separated by commas. */
        void accept(String name, String requires, String source);
    }

    private KernelSources() { }

    /** With subgroups and without; modules that come out alike are there once. */
    static int listTo(Receiver receiver) {
        List<Shader> all = Shaders.all();
        var linker = new Linker(all);
        var known = new HashSet<String>();
        for (Shader kernel : all) {
            if (!kernel.kernel()) {
                continue;
            }
            for (boolean subgroups : new boolean[] {false, true}) {
                Set<String> features = new LinkedHashSet<>(Linker.FEATURES.keySet());
                if (!subgroups) {
                    features.remove("subgroups");
                }
                for (Map<String, String> slots : linker.choices(kernel, features, MOST_CHOICES)) {
                    if (linker.canLink(kernel.name(), kernel.variant(), slots, features)) {
                        LinkedShader linked = linker.linked(kernel.name(), kernel.variant(), slots, features);
                        if (known.add(linked.source())) {
                            receiver.accept(kernel.fullName() + slots + (subgroups ? " subgroups" : ""), String.join(",", linked.requires()), linked.source());
                        }
                    }
                }
            }
        }
        return known.size();
    }
}
