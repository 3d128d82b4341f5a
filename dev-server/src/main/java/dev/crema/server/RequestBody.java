package dev.crema.server;

import dev.crema.ErrorCode;
import io.undertow.io.Receiver.RequestToLargeException;
import io.undertow.server.HttpServerExchange;
import org.xnio.XnioExecutor;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads the body of a request in the connection's own thread, without a thread that waits for it. Undertow's own limit (MAX_ENTITY_SIZE) is not
 * used, since it answers by itself: 400 and no word why.
 */
final class RequestBody {
    private RequestBody() { }

    /** Hands the text on when it is whole; answers by itself where it is too large, too slow or no text. */
    static void read(HttpServerExchange exchange, Limits limits, Consumer<String> onText) {
        if (exchange.getRequestContentLength() > limits.bodyBytes()) {
            refuse(exchange, 413, tooLarge(limits), "Send less, or start the server with a larger --max-body.");
            return;
        }
        XnioExecutor.Key timeout = exchange.getIoThread().executeAfter(() -> refuse(exchange, 408, "The body did not arrive within "
            + limits.bodyMillis() + " ms.", "Send it at once."), limits.bodyMillis(), TimeUnit.MILLISECONDS);
        var receiver = exchange.getRequestReceiver();
        receiver.setMaxBufferSize(limits.bodyBytes());
        receiver.receiveFullBytes((whole, bytes) -> {
            if (timeout.remove()) {
                text(whole, bytes, onText);
            }
        }, (broken, error) -> {
            if (!timeout.remove()) {
                return;
            }
            if (error instanceof RequestToLargeException) {
                refuse(broken, 413, tooLarge(limits), "Send less, or start the server with a larger --max-body.");
            } else {
                broken.setPersistent(false);
                broken.endExchange(); // The client has gone before its request was whole.
            }
        });
    }

    private static void text(HttpServerExchange exchange, byte[] bytes, Consumer<String> onText) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            Reply.error(exchange, 400, ErrorCode.INVALID_JSON, "The body is not UTF-8.", "");
            return;
        }
        onText.accept(text);
    }

    private static String tooLarge(Limits limits) {
        return "The body is larger than " + limits.bodyBytes() + " bytes.";
    }

    private static void refuse(HttpServerExchange exchange, int status, String message, String hint) {
        exchange.setPersistent(false); // The rest of the body is not read.
        Reply.error(exchange, status, ErrorCode.INVALID_REQUEST, message, hint);
    }
}
