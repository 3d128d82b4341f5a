package dev.crema.server;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.server.protocol.http2.Http2ServerConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Whether the client still waits for an exchange of HTTP/2, where leaving means to reset a stream and the connection lives on. Undertow closes the channel
 * of the reply then, but shows that channel to nobody before the head of the reply is settled; hence the way around its protection.
 */
final class Http2Stream {
    private static final MethodHandle SINK = find();
    private final ConduitStreamSinkChannel reply;

    private Http2Stream(ConduitStreamSinkChannel reply) {
        this.reply = reply;
    }

    private static MethodHandle find() {
        try {
            return MethodHandles.privateLookupIn(ServerConnection.class, MethodHandles.lookup())
                .findVirtual(ServerConnection.class, "getSinkChannel", MethodType.methodType(ConduitStreamSinkChannel.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This version of Undertow is not the one that the server was written for.", e);
        }
    }

    /** The stream of an exchange; null where it came by HTTP/1.1. */
    static Http2Stream of(HttpServerExchange exchange) {
        if (!(exchange.getConnection() instanceof Http2ServerConnection connection)) {
            return null;
        }
        try {
            return new Http2Stream((ConduitStreamSinkChannel) SINK.invokeExact((ServerConnection) connection));
        } catch (Throwable e) {
            throw new LinkageError("Undertow's channel of a reply can't be had.", e);
        }
    }

    /** False once the client has reset the stream, or its connection has ended. */
    boolean isOpen() {
        return reply.isOpen();
    }
}
