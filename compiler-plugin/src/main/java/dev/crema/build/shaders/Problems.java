package dev.crema.build.shaders;

import dev.crema.build.BuildProblem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong, so that one run shows all of it. */
final class Problems {
    private final Set<String> messages = new LinkedHashSet<>();

    void add(String path, int line, String message) {
        messages.add(path + ":" + line + ": " + message);
    }

    List<String> messages() {
        return new ArrayList<>(messages);
    }

    void throwIfAny(String title) {
        if (!messages.isEmpty()) {
            throw new BuildProblem(title + "\n" + String.join("\n", messages));
        }
    }
}
