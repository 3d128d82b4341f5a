package dev.crema.server;

import java.util.Locale;

/** Whether a client takes a content coding (RFC 9110, 12.5.3). */
final class AcceptEncoding {
    private AcceptEncoding() { }

    static boolean accepts(String header, String coding) {
        if (header == null) {
            return false;
        }
        for (String part : header.split(",")) {
            String[] fields = part.strip().toLowerCase(Locale.ROOT).split(";");
            if (fields[0].strip().equals(coding)) {
                return fields.length < 2 || !fields[1].strip().matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}
