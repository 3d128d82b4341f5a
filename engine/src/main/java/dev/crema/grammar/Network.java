package dev.crema.grammar;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A grammar as a recursive transition network over bytes: for each rule a start and an end node, and between them edges that read a byte of a
 * range, call a rule, or read nothing. Alternatives that no text matches are left out. Immutable once built.
 */
final class Network {
    /** Kinds of edges. */
    static final byte READ = 0;
    static final byte CALL = 1;
    static final byte SKIP = 2;
    static final int NONE = -1;

    private final Grammar grammar;
    private final RuleFacts facts;
    private final Map<String, Integer> ruleIndex = new HashMap<>();
    private int[] starts;
    private int[] ends;
    /** Rules made for what is repeated; they have no name. */
    private int ruleCount;

    /** By node: its first edge, and whether it ends its rule. */
    private int[] firstEdge = new int[64];
    private boolean[] isEnd = new boolean[64];
    private int nodes;
    /** By edge. */
    private byte[] kind = new byte[64];
    private int[] target = new int[64];
    /** The range's bytes {@code from << 8 | to}, or the rule that is called. */
    private int[] label = new int[64];
    private int[] nextEdge = new int[64];
    private int edges;

    private final int[] classOf = new int[256];
    private int[] classBytes;

    Network(Grammar grammar) {
        this.grammar = grammar;
        facts = new RuleFacts(grammar);
        starts = new int[grammar.rules().size()];
        ends = new int[starts.length];
        for (String name : grammar.rules().keySet()) {
            ruleIndex.put(name, newRule());
        }
        grammar.rules().forEach((name, expression) -> {
            int rule = ruleIndex.get(name);
            if (facts.isProductive(expression)) {
                build(expression, starts[rule], ends[rule]);
            }
        });
        classify();
    }

    private int newRule() {
        if (ruleCount == starts.length) {
            starts = Arrays.copyOf(starts, ruleCount * 2);
            ends = Arrays.copyOf(ends, ruleCount * 2);
        }
        starts[ruleCount] = newNode();
        ends[ruleCount] = newNode();
        isEnd[ends[ruleCount]] = true;
        return ruleCount++;
    }

    private int newNode() {
        if (nodes == Bounds.NODES) {
            throw Bounds.tooLarge("nodes", nodes + 1, Bounds.NODES);
        }
        if (nodes == firstEdge.length) {
            firstEdge = Arrays.copyOf(firstEdge, nodes * 2);
            isEnd = Arrays.copyOf(isEnd, nodes * 2);
        }
        firstEdge[nodes] = NONE;
        return nodes++;
    }

    private void edge(int from, byte edgeKind, int edgeLabel, int to) {
        if (edges == kind.length) {
            kind = Arrays.copyOf(kind, edges * 2);
            target = Arrays.copyOf(target, edges * 2);
            label = Arrays.copyOf(label, edges * 2);
            nextEdge = Arrays.copyOf(nextEdge, edges * 2);
        }
        kind[edges] = edgeKind;
        label[edges] = edgeLabel;
        target[edges] = to;
        nextEdge[edges] = firstEdge[from];
        firstEdge[from] = edges++;
    }

    /** Adds all ways from {@code from} to {@code to} that read a text of {@code expression}, which is productive. */
    private void build(Expression expression, int from, int to) {
        switch (expression) {
            case Expression.Literal literal -> literal(literal.text(), from, to);
            case Expression.OneOf one -> Utf8Ranges.split(one.set(), (low, high) -> {
                int node = from;
                for (int i = 0; i < low.length; i++) {
                    int next = i == low.length - 1 ? to : newNode();
                    edge(node, READ, low[i] << 8 | high[i], next);
                    node = next;
                }
            });
            case Expression.Sequence sequence -> {
                int node = from;
                int count = sequence.parts().size();
                for (int i = 0; i < count - 1; i++) {
                    int next = newNode();
                    build(sequence.parts().get(i), node, next);
                    node = next;
                }
                if (count == 0) {
                    edge(from, SKIP, 0, to);
                } else {
                    build(sequence.parts().get(count - 1), node, to);
                }
            }
            case Expression.Choice choice -> {
                for (Expression option : choice.options()) {
                    if (facts.isProductive(option)) {
                        build(option, from, to);
                    }
                }
            }
            case Expression.Repeat repeat -> repeat(repeat, from, to);
            case Expression.Reference reference -> edge(from, CALL, ruleIndex.get(reference.rule()), to);
        }
    }

    private void literal(String text, int from, int to) {
        if (text.isEmpty()) {
            edge(from, SKIP, 0, to);
            return;
        }
        int node = from;
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            int[] bytes = Utf8Ranges.encode(codePoint);
            for (int b = 0; b < bytes.length; b++) {
                int next = i == text.length() && b == bytes.length - 1 ? to : newNode();
                edge(node, READ, bytes[b] << 8 | bytes[b], next);
                node = next;
            }
        }
    }

    private void repeat(Expression.Repeat repeat, int from, int to) {
        boolean unlimited = repeat.max() == Expression.Repeat.UNLIMITED;
        if (!facts.isProductive(repeat.body()) || repeat.max() == 0) {
            edge(from, SKIP, 0, to);
            return;
        }
        Body body = body(repeat.body(), unlimited ? repeat.min() + 1 : repeat.max());
        int node = from;
        for (int i = 0; i < repeat.min(); i++) {
            int next = !unlimited && i == repeat.max() - 1 ? to : newNode();
            body.build(node, next);
            node = next;
        }
        if (unlimited) {
            int loop = newNode();
            edge(node, SKIP, 0, loop);
            body.build(loop, loop);
            edge(loop, SKIP, 0, to);
            return;
        }
        for (int i = repeat.min(); i < repeat.max(); i++) {
            int next = i == repeat.max() - 1 ? to : newNode();
            edge(node, SKIP, 0, to);
            body.build(node, next);
            node = next;
        }
    }

    private interface Body {
        void build(int from, int to);
    }

    /** What is copied often becomes a rule of its own, so that a copy is one edge. */
    private Body body(Expression expression, int copies) {
        boolean small = expression instanceof Expression.Reference || expression instanceof Expression.OneOf one && one.set().ranges() <= 2
            && one.set().to(one.set().ranges() - 1) < 0x80;
        if (small || copies <= 2) {
            return (from, to) -> build(expression, from, to);
        }
        int rule = newRule();
        build(expression, starts[rule], ends[rule]);
        return (from, to) -> edge(from, CALL, rule, to);
    }

    /** Bytes that no edge tells apart are one class. */
    private void classify() {
        boolean[] cut = new boolean[257];
        cut[0] = true;
        for (int edge = 0; edge < edges; edge++) {
            if (kind[edge] == READ) {
                cut[label[edge] >> 8] = true;
                cut[(label[edge] & 255) + 1] = true;
            }
        }
        int[] bytes = new int[256];
        int count = 0;
        for (int b = 0; b < 256; b++) {
            if (cut[b]) {
                bytes[count++] = b;
            }
            classOf[b] = count - 1;
        }
        classBytes = Arrays.copyOf(bytes, count);
    }

    int start() {
        return starts[ruleIndex.get(grammar.root())];
    }

    int startOf(int rule) {
        return starts[rule];
    }

    boolean isEnd(int node) {
        return isEnd[node];
    }

    int firstEdge(int node) {
        return firstEdge[node];
    }

    int nextEdge(int edge) {
        return nextEdge[edge];
    }

    byte kind(int edge) {
        return kind[edge];
    }

    int target(int edge) {
        return target[edge];
    }

    int rule(int edge) {
        return label[edge];
    }

    boolean reads(int edge, int b) {
        return label[edge] >> 8 <= b && b <= (label[edge] & 255);
    }

    int classes() {
        return classBytes.length;
    }

    int classOf(int b) {
        return classOf[b];
    }

    /** One byte of the class, which stands for all. */
    int byteOf(int byteClass) {
        return classBytes[byteClass];
    }
}
