package dev.crema.web.js;

import org.teavm.interop.Async;
import org.teavm.interop.AsyncCallback;
import org.teavm.jso.core.JSPromise;

/**
 * Waits for JavaScript promises and starts what waits. All awaiting in the browser goes through here: TeaVM's own {@code JSPromise.await}
 * leaves the Java thread broken after a rejection that was caught, so a rejection is carried as a value and thrown afterwards.
 */
public final class Promises {
    private Promises() { }

    /** How a promise ended: a value, or an error that is not null. */
    private record Outcome<T>(T value, Object error) { }

    /** The promise's value; suspends. A rejection is thrown as {@link JsErrors#toJava} makes it. */
    public static <T> T await(JSPromise<T> promise) {
        Outcome<T> outcome = awaitOutcome(promise);
        if (outcome.error != null) {
            throw JsErrors.toJava(outcome.error);
        }
        return outcome.value;
    }

    /** Runs {@code work}, which may await, as a Java thread of its own; it must catch what it throws. */
    public static void start(Runnable work) {
        new Thread(work).start();
    }

    @Async
    private static native <T> Outcome<T> awaitOutcome(JSPromise<T> promise);

    private static <T> void awaitOutcome(JSPromise<T> promise, AsyncCallback<Outcome<T>> callback) {
        promise.then(value -> {
            callback.complete(new Outcome<>(value, null));
            return null;
        }, error -> {
            callback.complete(new Outcome<>(null, JsErrors.asObject(error)));
            return null;
        });
    }
}
