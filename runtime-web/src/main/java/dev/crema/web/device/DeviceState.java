package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.web.gpu.GPUDevice;
import dev.crema.web.gpu.GPUError;
import dev.crema.web.js.Promises;
import org.teavm.jso.core.JSPromise;

/** What became of the GPU: alive, lost or closed, and errors that it reported outside of any call. */
final class DeviceState {
    private static final String LOST_HINT = "The GPU was reset, went away or ran out of memory. Load the model again; if it happens again, "
        + "close other tabs or choose a smaller model.";

    private final GPUDevice device;
    private String lost;
    private String error;
    private boolean closed;

    DeviceState(GPUDevice device) {
        this.device = device;
        device.onLost(reason -> lost = reason);
        device.onUncapturedError(this::keepFirst);
    }

    private void keepFirst(String message) {
        if (error == null) {
            error = message;
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** False when it was closed before. */
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    /** Throws CLOSED, DEVICE_LOST, or INTERNAL once for an error that the device reported since. */
    void check() {
        if (closed) {
            throw new CremaException(ErrorCode.CLOSED, "The device is closed.", "");
        }
        if (lost != null) {
            throw new CremaException(ErrorCode.DEVICE_LOST, "The GPU device was lost (" + lost + ").", LOST_HINT);
        }
        if (error != null) {
            String message = error;
            error = null;
            throw new CremaException(ErrorCode.INTERNAL, "The GPU reported: " + message,
                "This is a bug of Crema or of the browser; please report it.");
        }
    }

    /** Waits until the GPU has done all that was handed to it; throws as {@link #check} does. */
    void awaitDone() {
        try {
            Promises.await(device.getQueue().onSubmittedWorkDone());
        } catch (CremaException rejection) {
            throw failure(rejection);
        }
        check();
    }

    /**
     * What to throw where the device broke a promise: the state's own error if there is one, else that the device is lost. Where the GPU's
     * process dies, promises break before the browser says that the device is lost.
     */
    CremaException failure(CremaException rejection) {
        try {
            check();
        } catch (CremaException known) {
            return known;
        }
        return new CremaException(ErrorCode.DEVICE_LOST, "The GPU device failed (" + rejection.getMessage() + ").", LOST_HINT, rejection);
    }

    /** Opens error scopes for what is allocated until {@link #awaitAllocated}. */
    void beginAllocation() {
        device.pushErrorScope("validation");
        device.pushErrorScope("out-of-memory");
    }

    /**
     * Closes the scopes of {@link #beginAllocation}: throws OUT_OF_MEMORY with {@code bytes}, INTERNAL where a size was refused, or what
     * {@link #failure} says where the scopes went with the GPU.
     */
    void awaitAllocated(String what, long bytes) {
        // Both are closed before the first await: another allocation may begin meanwhile.
        JSPromise<GPUError> inner = device.popErrorScope();
        JSPromise<GPUError> outer = device.popErrorScope();
        CremaException rejection = null;
        GPUError memory = null;
        GPUError invalid = null;
        try {
            memory = Promises.await(inner);
        } catch (CremaException gone) {
            rejection = gone;
        }
        try {
            invalid = Promises.await(outer);
        } catch (CremaException gone) {
            rejection = gone;
        }
        if (rejection != null) {
            throw failure(rejection);
        }
        check();
        if (memory != null) {
            throw new CremaException(ErrorCode.OUT_OF_MEMORY, "The GPU has no room for " + bytes + " bytes of " + what + " ("
                + memory.getMessage() + ").", "Choose a smaller model or context, or close other tabs.");
        }
        if (invalid != null) {
            throw new CremaException(ErrorCode.INTERNAL, "The GPU refused " + bytes + " bytes of " + what + ": " + invalid.getMessage(), "");
        }
    }
}
