package dev.crema.grammar;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Stacks that share what they have in common: a frame is a node to return to and the frame below it. Equal stacks have one number. */
final class Frames {
    static final int BOTTOM = 0;

    private final Map<Long, Integer> known = new HashMap<>();
    private int[] back = new int[64];
    private int[] below = new int[64];
    private int count = 1;

    int size() {
        return count;
    }

    int back(int frame) {
        return back[frame];
    }

    int below(int frame) {
        return below[frame];
    }

    int push(int node, int frame) {
        long key = (long) node << 32 | frame;
        Integer number = known.get(key);
        if (number != null) {
            return number;
        }
        if (count == Bounds.FRAMES) {
            throw Bounds.exceeded("stack frames", Bounds.FRAMES);
        }
        if (count == back.length) {
            back = Arrays.copyOf(back, 2 * count);
            below = Arrays.copyOf(below, 2 * count);
        }
        back[count] = node;
        below[count] = frame;
        known.put(key, count);
        return count++;
    }

    /** The number here of a stack of {@code other}. */
    int adopt(Frames other, int frame) {
        int depth = 0;
        for (int f = frame; f != BOTTOM; f = other.below[f]) {
            depth++;
        }
        int[] nodes = new int[depth];
        for (int f = frame; f != BOTTOM; f = other.below[f]) {
            nodes[--depth] = other.back[f];
        }
        int mine = BOTTOM;
        for (int node : nodes) {
            mine = push(node, mine);
        }
        return mine;
    }
}
