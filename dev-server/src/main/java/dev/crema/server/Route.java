package dev.crema.server;

import dev.crema.api.Routes;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;

import java.util.List;

/**
 * What there is at a path.
 *
 * @param prefix whether paths below it mean it, too
 * @param open   whether it asks for no API key
 */
record Route(Kind kind, HttpString method, String path, boolean prefix, boolean open) {
    enum Kind { API, MODELS, HEALTH, METRICS, SLOTS, PAGE }

    /** What the server itself answers; all else is the API of the model that a request names. */
    private static final List<Route> OWN = List.of(
        new Route(Kind.MODELS, Methods.GET, "/v1/models", true, false),
        new Route(Kind.HEALTH, Methods.GET, "/health", false, true),
        new Route(Kind.METRICS, Methods.GET, "/metrics", false, false),
        new Route(Kind.SLOTS, Methods.GET, "/slots", false, false));

    /** The route of a path, or null. */
    static Route of(String path) {
        for (Route route : OWN) {
            if (path.equals(route.path) || route.prefix && path.startsWith(route.path + "/")) {
                return route;
            }
        }
        if (ChatPage.has(path)) {
            return new Route(Kind.PAGE, Methods.GET, path, false, true);
        }
        return "POST".equals(Routes.method(path)) ? new Route(Kind.API, Methods.POST, path, false, false) : null;
    }

    boolean takes(HttpString wanted) {
        return wanted.equals(method) || method.equals(Methods.GET) && wanted.equals(Methods.HEAD);
    }

    /** The value of an {@code Allow} header. */
    String allow() {
        return method.equals(Methods.GET) ? "GET, HEAD" : method.toString();
    }

    /** What to say of a path that is not there. */
    static String hint(String path) {
        if (of("/v1" + path) != null) {
            return "Did you mean /v1" + path + "?";
        }
        return Routes.list() + " GET /health, /metrics and /slots say how the server is, and / is a page to chat.";
    }
}
