package dev.crema.build.rules;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Only methods named {@code await...} suspend. TeaVM makes a coroutine of everything that may reach a suspending call, so one call in the
 * wrong place slows a numeric loop, or lets JavaScript in where the code believes itself alone.
 */
final class Suspending {
    private static final String VERB = "await";
    private static final String OURS = "dev.crema.";

    private final Set<String> exceptions;

    Suspending(List<String> exceptions) {
        this.exceptions = new HashSet<>(exceptions);
    }

    void check(List<ClassUses> classes, List<String> problems) {
        Set<String> used = new LinkedHashSet<>();
        for (ClassUses uses : classes) {
            Map<String, ClassUses.LambdaUse> bodies = uses.lambdaBodies();
            for (ClassUses.LambdaUse reference : uses.lambdas()) {
                if (suspends(reference.owner(), reference.implementation()) && !reference.interfaceMethod().startsWith(VERB)) {
                    report(uses, home(reference.method(), bodies), "hands out " + reference.owner() + "#" + reference.implementation() + " as "
                        + reference.interfaceMethod() + "()", reference.line(), problems, used);
                }
            }
            for (ClassUses.MemberUse call : uses.members()) {
                if (suspends(call.owner(), call.member()) && !maySuspend(call.method(), bodies) && !isReference(uses, call)) {
                    report(uses, home(call.method(), bodies), "calls " + call.owner() + "#" + call.member(), call.line(), problems, used);
                }
            }
        }
        Set<String> present = new HashSet<>();
        classes.forEach(uses -> present.add(uses.name()));
        for (String exception : exceptions) {
            if (!used.contains(exception) && present.contains(exception.substring(0, Math.max(0, exception.indexOf('#'))))) {
                problems.add("suspending.txt lists " + exception + ", which suspends no more: remove the line");
            }
        }
    }

    private void report(ClassUses uses, String method, String does, int line, List<String> problems, Set<String> used) {
        String key = uses.name() + "#" + method;
        if (exceptions.contains(key)) {
            used.add(key);
            return;
        }
        problems.add(uses.at(line) + " " + method + "() " + does + " and so suspends: name it " + VERB + Character.toUpperCase(method.charAt(0))
            + method.substring(1) + ", or, where a thread or a callback of JavaScript begins, list " + key + " in suspending.txt");
    }

    private static boolean suspends(String owner, String member) {
        return owner.startsWith(OURS) && member.startsWith(VERB);
    }

    private static boolean maySuspend(String method, Map<String, ClassUses.LambdaUse> bodies) {
        ClassUses.LambdaUse lambda = bodies.get(method);
        return lambda != null ? lambda.interfaceMethod().startsWith(VERB) : method.startsWith(VERB) || method.equals("main");
    }

    private static boolean isReference(ClassUses uses, ClassUses.MemberUse call) {
        return uses.lambdas().stream().anyMatch(reference -> reference.line() == call.line() && reference.method().equals(call.method())
            && reference.owner().equals(call.owner()) && reference.implementation().equals(call.member()));
    }

    /** The method as written, for a lambda in a lambda too. */
    private static String home(String method, Map<String, ClassUses.LambdaUse> bodies) {
        String at = method;
        while (bodies.containsKey(at)) {
            at = bodies.get(at).method();
        }
        return at;
    }
}
