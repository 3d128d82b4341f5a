package dev.crema.grammar;

import dev.crema.sampling.TokenMask;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs a network. A state is the set of all parses that are open: for each a node, and a stack of the nodes to return to. Stacks share their
 * frames, equal states are one object, and what a byte leads to is worked out once: most steps are one look into a table. Tables that have
 * grown are dropped between two tokens ({@link #current}). One thread.
 */
final class StateTable {
    /** All parses that are open after some text. */
    static final class State {
        /** {@code node << 32 | frame}, ascending; only nodes that read. */
        private final long[] parses;
        /** Whether the text may end here. */
        final boolean accepts;
        private State[] next;
        private TokenMask mask;
        /** Those that {@link #parses} speaks of. */
        private final Frames frames;

        private State(long[] parses, boolean accepts, Frames frames) {
            this.parses = parses;
            this.accepts = accepts;
            this.frames = frames;
        }

        /** Whether no byte may follow. */
        boolean isFinal() {
            return parses.length == 0;
        }

        boolean isDead() {
            return parses.length == 0 && !accepts;
        }
    }

    private record Key(long[] parses, boolean accepts) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.accepts == accepts && Arrays.equals(key.parses, parses);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(parses) * 2 + (accepts ? 1 : 0);
        }
    }

    private final Network network;
    private final Map<Key, State> states = new HashMap<>();
    private Frames frames = new Frames();
    private int masks;
    /** Of all states. */
    private int parses;
    private long work;

    private final LongSet seen = new LongSet();
    private long[] open = new long[64];
    private int opened;
    private long[] reading = new long[64];
    private int readings;
    private boolean accepting;

    StateTable(Network network) {
        this.network = network;
    }

    State start() {
        begin();
        push(network.start(), Frames.BOTTOM);
        return close();
    }

    /** What {@code b} leads to; dead where it can't follow. */
    State step(State state, int b) {
        int byteClass = network.classOf(b);
        if (state.next == null) {
            state.next = new State[network.classes()];
        }
        State next = state.next[byteClass];
        if (next == null) {
            next = work(state, network.byteOf(byteClass));
            state.next[byteClass] = next;
        }
        return next;
    }

    private State work(State state, int b) {
        begin();
        for (long parse : state.parses) {
            for (int edge = network.firstEdge((int) (parse >> 32)); edge != Network.NONE; edge = network.nextEdge(edge)) {
                if (network.kind(edge) == Network.READ && network.reads(edge, b)) {
                    push(network.target(edge), (int) parse);
                }
            }
        }
        return close();
    }

    private void begin() {
        seen.clear();
        opened = 0;
        readings = 0;
        accepting = false;
    }

    private void push(int node, int frame) {
        long parse = (long) node << 32 | frame;
        if (!seen.add(parse)) {
            return;
        }
        if (++work > Bounds.WORK) {
            throw Bounds.exceeded("steps for one token", Bounds.WORK);
        }
        if (opened == open.length) {
            open = Arrays.copyOf(open, 2 * opened);
        }
        open[opened++] = parse;
    }

    /** Follows all edges that read nothing. */
    private State close() {
        while (opened > 0) {
            long parse = open[--opened];
            int node = (int) (parse >> 32);
            int frame = (int) parse;
            if (network.isEnd(node)) {
                if (frame == Frames.BOTTOM) {
                    accepting = true;
                } else {
                    push(frames.back(frame), frames.below(frame));
                }
            }
            boolean reads = false;
            for (int edge = network.firstEdge(node); edge != Network.NONE; edge = network.nextEdge(edge)) {
                switch (network.kind(edge)) {
                    case Network.READ -> reads = true;
                    case Network.SKIP -> push(network.target(edge), frame);
                    default -> call(edge, frame);
                }
            }
            if (reads) {
                add(parse);
            }
        }
        return intern(Arrays.copyOf(reading, readings), accepting);
    }

    /** A call that nothing comes after leaves no frame, so that a recursion at the end needs no stack. */
    private void call(int edge, int frame) {
        int back = network.target(edge);
        boolean last = network.isEnd(back) && network.firstEdge(back) == Network.NONE;
        push(network.startOf(network.rule(edge)), last ? frame : frames.push(back, frame));
    }

    private void add(long parse) {
        if (readings == Bounds.PARSES) {
            throw Bounds.exceeded("ways to read a text", Bounds.PARSES);
        }
        if (readings == reading.length) {
            reading = Arrays.copyOf(reading, 2 * readings);
        }
        reading[readings++] = parse;
    }

    private State intern(long[] open, boolean accepts) {
        Arrays.sort(open);
        var key = new Key(open, accepts);
        State known = states.get(key);
        if (known == null) {
            if (states.size() == Bounds.STATES) {
                throw Bounds.exceeded("states", Bounds.STATES);
            }
            parses += open.length;
            if (parses > Bounds.ALL_PARSES) {
                throw Bounds.exceeded("ways to read a text, over all states", Bounds.ALL_PARSES);
            }
            known = new State(open, accepts, frames);
            states.put(key, known);
        }
        return known;
    }

    /** The same state in the tables of now, which this may have made small again. To be called once a token, with the state kept from the last. */
    State current(State state) {
        work = 0;
        if (states.size() > Bounds.KEPT_STATES || frames.size() > Bounds.KEPT_FRAMES || masks > Bounds.KEPT_MASKS
                || parses > Bounds.KEPT_PARSES) {
            states.clear();
            parses = 0;
            frames = new Frames();
            masks = 0;
        }
        if (state.frames == frames) {
            return state;
        }
        long[] moved = state.parses.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] = moved[i] & 0xFFFFFFFF00000000L | frames.adopt(state.frames, (int) moved[i]);
        }
        return intern(moved, state.accepts);
    }

    /** Whether these bytes as a whole match. */
    boolean isAccepting(byte[] text) {
        return after(text).accepts;
    }

    /** Whether a text that matches may begin with them. */
    boolean isAlive(byte[] text) {
        return !after(text).isDead();
    }

    private State after(byte[] text) {
        State state = current(start());
        for (byte b : text) {
            state = step(state, b & 255);
        }
        return state;
    }

    TokenMask mask(State state) {
        return state.mask;
    }

    void keep(State state, TokenMask mask) {
        state.mask = mask;
        masks++;
    }
}
