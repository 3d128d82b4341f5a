package dev.crema.jvm;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.jvm.vector.VectorDevice;
import dev.crema.reference.ReferenceDevice;

import java.util.List;

/** The devices of the JVM as a ladder, best first: the choice takes the highest rung that is there and says why. */
public final class Devices {
    /** Where a device cannot run, {@code missing} says what it lacks; else it is null. */
    private record Rung(String kind, String missing) { }

    private static final String VECTOR = "vector";
    private static final String REFERENCE = "reference";

    private Devices() { }

    private static List<Rung> ladder() {
        boolean hasVectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return List.of(new Rung(VECTOR, hasVectors ? null : "the JVM runs without --add-modules jdk.incubator.vector"), new Rung(REFERENCE, null));
    }

    /** The words of {@code --device}, best first. */
    public static List<String> kinds() {
        return List.of(VECTOR, REFERENCE);
    }

    /** Begins what makes a device of this kind start sooner, in the background: worth calling before the model is opened. */
    public static void prepare(String kind) {
        Rung vector = ladder().get(0);
        if (vector.missing == null && (kind == null || kind.equals(VECTOR))) {
            VectorDevice.prepare();
        }
    }

    /** Opens the device of this kind, or the best one there is where {@code kind} is null; DEVICE_UNAVAILABLE says what there is. */
    public static Device open(String kind) {
        return open(kind, Runtime.getRuntime().availableProcessors(), true);
    }

    /**
     * The same with so many threads of the processor, where the device computes with several: the reference device has one. With {@code repacks}
     * a device that can do so keeps weights in an order of its own in which they are faster; without, they stay in the mapped file alone.
     */
    public static Device open(String kind, int threads, boolean repacks) {
        if (threads < 1) {
            throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "threads", threads + " threads can't compute.", "Take 1 or more.");
        }
        if (kind != null) {
            return open(rung(kind), threads, repacks, "asked for");
        }
        String reason = "the fastest device here; --device chooses another";
        for (Rung rung : ladder()) {
            if (rung.missing == null) {
                return open(rung, threads, repacks, reason);
            }
            reason = "no " + rung.kind + ": " + rung.missing;
        }
        throw new IllegalStateException("the last rung is always there");
    }

    private static Rung rung(String kind) {
        for (Rung rung : ladder()) {
            if (rung.kind.equals(kind)) {
                return rung;
            }
        }
        throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "device", "There is no device " + kind + ".", "Choose one of " + kinds() + ".");
    }

    private static Device open(Rung rung, int threads, boolean repacks, String reason) {
        if (rung.missing != null) {
            throw new CremaException(ErrorCode.DEVICE_UNAVAILABLE, "The device " + rung.kind + " is not available: " + rung.missing + ".",
                "Start Java with that option, or choose another of " + kinds() + ".");
        }
        return switch (rung.kind) {
            case VECTOR -> new VectorDevice(threads, reason, repacks);
            default -> new ReferenceDevice(new DeviceInfo(REFERENCE, "plain Java loops", reason, List.of()));
        };
    }
}
