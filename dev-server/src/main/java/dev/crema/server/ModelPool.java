package dev.crema.server;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.Crema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The models of a server, loaded when a request names one. Where there is no room for another, the one unused for longest goes; one that
 * computes a reply never does. The first is what requests without a name get.
 */
final class ModelPool implements AutoCloseable {
    /** Loads a model for good; throws why it can't. */
    @FunctionalInterface
    interface Loader {
        Crema load(ServedModel model);
    }

    /** {@code loaded}, {@code loading} or {@code unloaded}; {@code contextLength} 0 unless loaded. */
    record Status(String name, String state, int contextLength) { }

    private static final long POLL_MILLIS = 200;
    private static final String DEFAULT = "default";

    /** Guarded by {@link #lock}. */
    private static final class Entry {
        final ServedModel model;
        Crema crema;
        boolean loading;
        int users;
        long lastUsedNanos = System.nanoTime();
        /** Of the last attempt to load it that is over; those who waited for it get its error. */
        int attempts;
        CremaException failure;

        Entry(ServedModel model) {
            this.model = model;
        }
    }

    /** A model in use: it stays loaded until this is closed, once. */
    final class Lease implements AutoCloseable {
        private final Entry entry;
        private final Crema crema;
        private boolean closed;

        private Lease(Entry entry) {
            this.entry = entry;
            crema = entry.crema;
        }

        Crema crema() {
            return crema;
        }

        String name() {
            return entry.model.name();
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!closed) {
                    closed = true;
                    entry.users--;
                    entry.lastUsedNanos = System.nanoTime();
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Loader loader;
    /** Frees a model; never under the lock, since it waits for the engine's thread. */
    private final Consumer<Crema> unloader;
    private final int maxLoaded;
    private final long idleMillis;
    private boolean closed;

    /**
     * @param models     at least one
     * @param maxLoaded  models in memory at once
     * @param idleMillis after which a model that nobody uses is unloaded; 0 for never
     */
    ModelPool(List<ServedModel> models, Loader loader, int maxLoaded, long idleMillis) {
        this(models, loader, Crema::close, maxLoaded, idleMillis);
    }

    private ModelPool(List<ServedModel> models, Loader loader, Consumer<Crema> unloader, int maxLoaded, long idleMillis) {
        ServedModel.byName(models).forEach((name, model) -> entries.put(name, new Entry(model)));
        this.loader = loader;
        this.unloader = unloader;
        this.maxLoaded = maxLoaded;
        this.idleMillis = idleMillis;
        if (idleMillis > 0) {
            Thread.ofVirtual().name("crema-idle").start(this::unloadIdle);
        }
    }

    /** A pool of one model that is loaded already; it stays the caller's to close. */
    static ModelPool of(Crema crema) {
        var pool = new ModelPool(List.of(new ServedModel(crema.model().id(), null)), model -> crema, kept -> { }, 1, 0);
        pool.entries.get(crema.model().id()).crema = crema;
        return pool;
    }

    /** The names of all models, the default one first. */
    List<String> names() {
        return List.copyOf(entries.keySet());
    }

    /** Every model, in the order of {@link #names}. */
    List<Status> list() {
        lock.lock();
        try {
            var list = new ArrayList<Status>();
            entries.forEach((name, entry) -> list.add(new Status(name, entry.crema != null ? "loaded" : entry.loading ? "loading" : "unloaded",
                entry.crema == null ? 0 : entry.crema.contextLength())));
            return list;
        } finally {
            lock.unlock();
        }
    }

    /** The loaded models, kept loaded until all leases are closed. */
    List<Lease> leaseLoaded() {
        lock.lock();
        try {
            var leases = new ArrayList<Lease>();
            for (Entry entry : entries.values()) {
                if (entry.crema != null) {
                    long lastUsed = entry.lastUsedNanos;
                    leases.add(lease(entry));
                    entry.lastUsedNanos = lastUsed;
                }
            }
            return leases;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The model of that name (null and {@code default}: the first), loaded if it has to be; waits while others load or until there is room.
     *
     * @throws CremaException MODEL_NOT_FOUND, CANCELLED, CLOSED or why it can't be loaded
     */
    Lease acquire(String name, Cancellation cancellation) throws InterruptedException {
        Entry entry;
        Crema victim = null;
        lock.lock();
        try {
            entry = find(name);
            int attempt = entry.attempts;
            while (true) {
                cancellation.check();
                if (closed) {
                    throw new CremaException(ErrorCode.CLOSED, "The server is shutting down.", "");
                }
                if (entry.attempts != attempt && entry.failure != null) {
                    throw entry.failure;
                }
                if (entry.crema != null && entry.crema.isOpen()) {
                    return lease(entry);
                }
                if (!entry.loading && hasRoom(entry)) {
                    break;
                }
                changed.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
            }
            entry.loading = true;
            victim = victim(entry);
        } finally {
            lock.unlock();
        }
        return load(entry, victim);
    }

    private Entry find(String name) {
        Entry entry = name == null || name.equals(DEFAULT) ? entries.values().iterator().next() : entries.get(name);
        if (entry == null) {
            throw CremaException.ofParam(ErrorCode.MODEL_NOT_FOUND, "model", "There is no model '" + name + "'.",
                "There are: " + String.join(", ", entries.keySet()) + ".");
        }
        return entry;
    }

    private Lease lease(Entry entry) {
        entry.users++;
        return new Lease(entry);
    }

    /** Whether {@code wanted} could be loaded now, after unloading one that nobody uses where need be. */
    private boolean hasRoom(Entry wanted) {
        int taken = 0;
        boolean anyIdle = wanted.crema != null && wanted.users == 0;
        for (Entry entry : entries.values()) {
            taken += entry.loading || entry.crema != null ? 1 : 0;
            anyIdle |= entry.crema != null && entry.users == 0;
        }
        return (wanted.crema == null || wanted.users == 0) && (taken < maxLoaded || anyIdle);
    }

    /** What is to be unloaded before {@code wanted} is loaded: itself where its engine has ended, else the one unused for longest; or null. */
    private Crema victim(Entry wanted) {
        Entry victim = wanted.crema == null ? null : wanted;
        int taken = 0;
        for (Entry entry : entries.values()) {
            taken += entry.loading || entry.crema != null ? 1 : 0;
        }
        if (victim == null && taken > maxLoaded) {
            for (Entry entry : entries.values()) {
                if (entry.crema != null && entry.users == 0 && (victim == null || entry.lastUsedNanos < victim.lastUsedNanos)) {
                    victim = entry;
                }
            }
        }
        return victim == null ? null : take(victim);
    }

    private static Crema take(Entry entry) {
        Crema crema = entry.crema;
        entry.crema = null;
        return crema;
    }

    private Lease load(Entry entry, Crema victim) {
        Crema loaded = null;
        CremaException failure = null;
        try {
            if (victim != null) {
                unloader.accept(victim);
            }
            loaded = loader.load(entry.model);
        } catch (CremaException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            failure = new CremaException(ErrorCode.INTERNAL, "Loading " + entry.model.name() + " failed: " + e + ".", "", e);
        }
        lock.lock();
        try {
            entry.loading = false;
            entry.attempts++;
            entry.failure = failure;
            changed.signalAll();
            if (failure != null) {
                throw failure;
            }
            if (!closed) {
                entry.crema = loaded;
                return lease(entry);
            }
        } finally {
            lock.unlock();
        }
        unloader.accept(loaded);
        throw new CremaException(ErrorCode.CLOSED, "The server is shutting down.", "");
    }

    private void unloadIdle() {
        long pollMillis = Math.clamp(idleMillis / 4, 10, 5_000);
        try {
            while (true) {
                Thread.sleep(pollMillis);
                for (Crema idle : takeIdle(idleMillis)) {
                    unloader.accept(idle);
                }
                lock.lock();
                try {
                    if (closed) {
                        return;
                    }
                } finally {
                    lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Crema> takeIdle(long millis) {
        lock.lock();
        try {
            var idle = new ArrayList<Crema>();
            for (Entry entry : entries.values()) {
                if (entry.crema != null && entry.users == 0 && System.nanoTime() - entry.lastUsedNanos >= millis * 1_000_000) {
                    idle.add(take(entry));
                }
            }
            return idle;
        } finally {
            lock.unlock();
        }
    }

    /** Unloads all; what still runs ends with CLOSED. */
    @Override
    public void close() {
        var all = new ArrayList<Crema>();
        lock.lock();
        try {
            closed = true;
            for (Entry entry : entries.values()) {
                if (entry.crema != null) {
                    all.add(take(entry));
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        all.forEach(unloader);
    }
}
