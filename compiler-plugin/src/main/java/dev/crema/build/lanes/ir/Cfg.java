package dev.crema.build.lanes.ir;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is known of a function's flow: predecessors, reverse postorder, dominators, loops. */
public final class Cfg {
    private final Map<Integer, Block> blocks = new LinkedHashMap<>();
    private final Map<Integer, List<Integer>> predecessors = new HashMap<>();
    private final List<Integer> order = new ArrayList<>();
    private final Map<Integer, Integer> position = new HashMap<>();
    private final Map<Integer, Integer> dominator = new HashMap<>();
    private final int entry;

    public Cfg(Function function) {
        function.blocks().forEach((Block block) -> blocks.put(block.id(), block));
        entry = function.blocks().getFirst().id();
        postorder();
        for (int id : order) {
            for (End.Target target : blocks.get(id).end().targets()) {
                predecessors.computeIfAbsent(target.block(), (Integer key) -> new ArrayList<>()).add(id);
            }
        }
        findDominators();
    }

    /** Without recursion: inlined code can be deep. */
    private void postorder() {
        Deque<Integer> stack = new ArrayDeque<>(List.of(entry));
        Map<Integer, Integer> next = new HashMap<>(Map.of(entry, 0));
        while (!stack.isEmpty()) {
            int id = stack.peek();
            List<End.Target> targets = blocks.get(id).end().targets();
            int k = next.get(id);
            if (k == targets.size()) {
                order.addFirst(stack.pop());
                continue;
            }
            next.put(id, k + 1);
            // The last first: the taken side of a branch then comes before the other in the order.
            int target = targets.get(targets.size() - 1 - k).block();
            if (next.putIfAbsent(target, 0) == null) {
                stack.push(target);
            }
        }
        for (int i = 0; i < order.size(); i++) {
            position.put(order.get(i), i);
        }
    }

    /** Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". */
    private void findDominators() {
        dominator.put(entry, entry);
        for (boolean changed = true; changed;) {
            changed = false;
            for (int id : order) {
                if (id == entry) {
                    continue;
                }
                Integer meet = null;
                for (int predecessor : predecessors(id)) {
                    if (dominator.containsKey(predecessor)) {
                        meet = meet == null ? predecessor : common(meet, predecessor);
                    }
                }
                changed |= !meet.equals(dominator.put(id, meet));
            }
        }
    }

    private int common(int a, int b) {
        while (a != b) {
            if (position.get(a) > position.get(b)) {
                a = dominator.get(a);
            } else {
                b = dominator.get(b);
            }
        }
        return a;
    }

    /** Ids of the blocks that can be reached, each before those it dominates. */
    public List<Integer> order() {
        return order;
    }

    public Block block(int id) {
        return blocks.get(id);
    }

    public int position(int id) {
        return position.get(id);
    }

    public boolean reachable(int id) {
        return position.containsKey(id);
    }

    /** One entry an edge: a branch of which both sides go to the block is there twice. */
    public List<Integer> predecessors(int id) {
        return predecessors.getOrDefault(id, List.of());
    }

    public boolean dominates(int a, int b) {
        int at = b;
        while (position.get(at) > position.get(a)) {
            at = dominator.get(at);
        }
        return at == a;
    }

    /** Immediate dominator; the entry's is itself. */
    public int dominator(int id) {
        return dominator.get(id);
    }

    /** Blocks whose immediate dominator it is, in order. */
    public List<Integer> dominated(int id) {
        return order.stream().filter((Integer other) -> other != entry && dominator.get(other) == id).toList();
    }

    /** An edge to a block that comes no later in the order. */
    public boolean backward(int from, int to) {
        return position.get(to) <= position.get(from);
    }

    public boolean loopHeader(int id) {
        return predecessors(id).stream().anyMatch((Integer from) -> backward(from, id));
    }

    /** Whether each loop has one entry: every backward edge goes to a block that dominates its start. */
    public boolean reducible() {
        return order.stream().allMatch((Integer id) -> predecessors(id).stream().allMatch((Integer from) -> !backward(from, id) || dominates(id, from)));
    }

    /** The blocks of the loop with this header. */
    public Set<Integer> loop(int header) {
        Set<Integer> inside = new HashSet<>(Set.of(header));
        Deque<Integer> open = new ArrayDeque<>(predecessors(header).stream().filter((Integer from) -> backward(from, header)).toList());
        while (!open.isEmpty()) {
            int id = open.pop();
            if (inside.add(id)) {
                open.addAll(predecessors(id));
            }
        }
        return inside;
    }
}
