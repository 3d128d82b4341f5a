package dev.crema.server;

/**
 * What one request may take.
 *
 * @param bodyBytes       of a request
 * @param bodyMillis      from its head to the end of its body
 * @param requestMillis   from its body to the end of its reply; 0 for no limit
 * @param stallMillis     for which a client may take nothing of a reply
 * @param keepAliveMillis silence after which a stream sends a comment, so that nothing between takes it for dead
 */
record Limits(int bodyBytes, long bodyMillis, long requestMillis, long stallMillis, long keepAliveMillis) {
    static final Limits DEFAULT = new Limits(16 << 20, 60_000, 0, 30_000, 10_000);

    Limits withBodyBytes(int bytes) {
        return new Limits(bytes, bodyMillis, requestMillis, stallMillis, keepAliveMillis);
    }

    Limits withBodyMillis(long millis) {
        return new Limits(bodyBytes, millis, requestMillis, stallMillis, keepAliveMillis);
    }

    Limits withRequestMillis(long millis) {
        return new Limits(bodyBytes, bodyMillis, millis, stallMillis, keepAliveMillis);
    }

    Limits withStallMillis(long millis) {
        return new Limits(bodyBytes, bodyMillis, requestMillis, millis, keepAliveMillis);
    }

    Limits withKeepAliveMillis(long millis) {
        return new Limits(bodyBytes, bodyMillis, requestMillis, stallMillis, millis);
    }
}
