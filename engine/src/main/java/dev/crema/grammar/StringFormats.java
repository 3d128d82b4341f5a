package dev.crema.grammar;

import java.util.Map;

/** JSON Schema's formats of strings, each as a regular expression that matches only what the format's RFC allows, if not all of it. */
final class StringFormats {
    private static final String YEARS = "\\d{4}";
    private static final String LEAP_YEARS = "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    private static final String DATE = "(?:" + YEARS + "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)"
        + "|02-(?:0[1-9]|1\\d|2[0-8]))|" + LEAP_YEARS + "-02-29)";
    private static final String HOUR_MINUTE = "(?:[01]\\d|2[0-3]):[0-5]\\d";
    private static final String TIME = HOUR_MINUTE + ":[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-]" + HOUR_MINUTE + ")";
    private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private static final String HOST = LABEL + "(?:\\." + LABEL + "){0,7}";
    private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,31}";
    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

    private static final Map<String, String> REGEX = Map.of(
        "date", DATE,
        "time", TIME,
        "date-time", DATE + "T" + TIME,
        "duration", "P(?:\\d{1,9}W|(?:\\d{1,9}Y(?:\\d{1,9}M(?:\\d{1,9}D)?)?|\\d{1,9}M(?:\\d{1,9}D)?|\\d{1,9}D)(?:T(?:\\d{1,9}H(?:\\d{1,9}M(?:\\d{1,9}S)?)?"
            + "|\\d{1,9}M(?:\\d{1,9}S)?|\\d{1,9}S))?|T(?:\\d{1,9}H(?:\\d{1,9}M(?:\\d{1,9}S)?)?|\\d{1,9}M(?:\\d{1,9}S)?|\\d{1,9}S))",
        "uuid", "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        "email", ATOM + "(?:\\." + ATOM + "){0,1}@" + HOST,
        "hostname", HOST,
        "ipv4", BYTE + "(?:\\." + BYTE + "){3}",
        "ipv6", "(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}");

    private StringFormats() { }

    /** The expression, without anchors, or null for a format that is only a remark here. */
    static String regex(String format) {
        return REGEX.get(format);
    }
}
