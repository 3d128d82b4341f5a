package dev.crema.build.rules;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What may be used outside dev.crema; the form of the list is described in engine-api.txt. */
final class AllowedApi {
    private static final String OURS = "dev.crema.";

    private final Map<String, Boolean> entries = new HashMap<>();
    private final String listName;

    AllowedApi(List<String> lines, String listName) {
        this.listName = listName;
        for (String line : lines) {
            boolean forbidden = line.startsWith("!");
            entries.put(forbidden ? line.substring(1).strip() : line, !forbidden);
        }
    }

    void check(List<ClassUses> classes, List<String> problems) {
        for (ClassUses uses : classes) {
            String user = uses.name().replaceFirst("\\$.*", "");
            Set<String> refused = new LinkedHashSet<>();
            for (ClassUses.MemberUse use : uses.members()) {
                if (!use.owner().startsWith(OURS) && !allowed(use.owner(), use.member())
                    && !entries.getOrDefault(use.owner() + "#" + use.member() + " in " + user, false)) {
                    refused.add(use.owner());
                    problems.add(uses.at(use.line()) + " uses " + use.owner() + "#" + use.member() + cure());
                }
            }
            for (String name : uses.classes()) {
                if (!name.startsWith(OURS) && !refused.contains(name) && !allowed(name, null) && !onlyMembersAllowed(name)) {
                    problems.add(uses.at(0) + " names " + name + cure());
                }
            }
        }
    }

    private String cure() {
        return ", which " + listName + " does not allow: write it in plain Java, or, if TeaVM and the JVM both have it, add it to the list";
    }

    /** The most exact entry decides: member, class, class around it, package. */
    private boolean allowed(String owner, String member) {
        if (member != null) {
            Boolean exact = entries.get(owner + "#" + member);
            if (exact != null) {
                return exact;
            }
        }
        for (String name = owner; ; name = name.substring(0, name.lastIndexOf('$'))) {
            Boolean entry = entries.get(name);
            if (entry != null) {
                return entry;
            }
            if (name.indexOf('$') < 0) {
                return entries.getOrDefault(name.substring(0, name.lastIndexOf('.') + 1) + "*", false);
            }
        }
    }

    /** A class of which some members are allowed has to be named to use them. */
    private boolean onlyMembersAllowed(String name) {
        return entries.entrySet().stream().anyMatch(entry -> entry.getValue() && entry.getKey().startsWith(name + "#"));
    }
}
