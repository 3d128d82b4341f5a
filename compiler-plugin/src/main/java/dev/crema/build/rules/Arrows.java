package dev.crema.build.rules;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who may use whom: modules, and packages of the engine. */
final class Arrows {
    private static final Pattern LINE = Pattern.compile("(module\\s+)?(\\S+)(\\s+only)?\\s*->\\s*(.*)");
    private static final String ROOT = "dev.crema";

    private final Map<String, Set<String>> modules = new HashMap<>();
    private final Set<String> closed = new HashSet<>();
    private final Map<String, Set<String>> packages = new HashMap<>();

    Arrows(List<String> lines) {
        for (String line : lines) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("arrows.txt: '" + line + "' is not of the form: name -> name name");
            }
            Set<String> targets = new TreeSet<>(List.of(matcher.group(4).isBlank() ? new String[0] : matcher.group(4).strip().split("\\s+")));
            (matcher.group(1) != null ? modules : packages).put(matcher.group(2), targets);
            if (matcher.group(3) != null) {
                closed.add(matcher.group(2));
            }
        }
    }

    /** @param dependencies {@code group:artifact} of each that is not of scope test */
    void checkModule(String module, List<String> dependencies, List<String> problems) {
        Set<String> allowed = modules.get(module);
        if (allowed == null) {
            problems.add("module " + module + " has no line in arrows.txt: say there which modules it may use");
            return;
        }
        for (String dependency : dependencies) {
            String artifact = dependency.substring(dependency.indexOf(':') + 1);
            boolean ours = dependency.startsWith(ROOT + ":");
            if (ours ? !allowed.contains(artifact) : closed.contains(module)) {
                problems.add(module + "/pom.xml depends on " + dependency + ", and arrows.txt allows " + module + " "
                    + (allowed.isEmpty() ? "nothing" : "only " + String.join(", ", allowed)) + ": move the code that needs it to a module above");
            }
        }
    }

    void checkPackages(List<ClassUses> classes, List<String> problems) {
        Set<String> seen = new HashSet<>();
        for (ClassUses uses : classes) {
            String from = relative(uses.packageName());
            Set<String> allowed = packages.get(from);
            if (allowed == null) {
                if (seen.add(from)) {
                    problems.add("package " + uses.packageName() + " has no line in arrows.txt: say there which packages it may use");
                }
                continue;
            }
            for (String name : uses.classes()) {
                if (name.startsWith(ROOT + ".")) {
                    String to = relative(name.substring(0, name.lastIndexOf('.')));
                    if (!to.equals(from) && !to.equals(".") && !allowed.contains(to)) {
                        problems.add(uses.at(0) + " uses " + name + ", and arrows.txt has no arrow " + from + " -> " + to
                            + ": move one of them, or pass in what is needed");
                    }
                }
            }
        }
    }

    private static String relative(String packageName) {
        return packageName.equals(ROOT) ? "." : packageName.substring(ROOT.length() + 1);
    }
}
