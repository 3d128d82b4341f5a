package dev.crema.chat.jinja;

/** C's {@code strftime} in English and UTC: the browser and the server of one conversation must say the same day. */
final class Strftime {
    private static final String[] DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    private static final String[] MONTHS = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December"};
    private static final int[] DAYS_BEFORE_MONTH = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

    private final int year;
    private final int month;
    private final int day;
    private final int weekday;
    private final int secondOfDay;

    private Strftime(long epochMillis) {
        long seconds = Math.floorDiv(epochMillis, 1000L);
        long days = Math.floorDiv(seconds, 86_400L);
        secondOfDay = (int) Math.floorMod(seconds, 86_400L);
        weekday = (int) Math.floorMod(days + 3, 7L);
        // Howard Hinnant's civil_from_days: years begin in March, so that the leap day is the last.
        long shifted = days + 719_468;
        long era = Math.floorDiv(shifted, 146_097L);
        long dayOfEra = shifted - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long marchMonth = (5 * dayOfYear + 2) / 153;
        day = (int) (dayOfYear - (153 * marchMonth + 2) / 5 + 1);
        month = (int) (marchMonth < 10 ? marchMonth + 3 : marchMonth - 9);
        year = (int) (yearOfEra + era * 400 + (month <= 2 ? 1 : 0));
    }

    static String format(String format, long epochMillis) {
        var time = new Strftime(epochMillis);
        var out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char directive = format.charAt(++i);
            boolean unpadded = directive == '-' && i + 1 < format.length();
            if (unpadded) {
                directive = format.charAt(++i);
            }
            String text = time.field(directive);
            int zeros = 0;
            while (unpadded && zeros < text.length() - 1 && text.charAt(zeros) == '0') {
                zeros++;
            }
            out.append(text, zeros, text.length());
        }
        return out.toString();
    }

    private String field(char directive) {
        int hour = secondOfDay / 3600;
        return switch (directive) {
            case 'Y' -> Integer.toString(year);
            case 'y' -> padded(year % 100, 2);
            case 'm' -> padded(month, 2);
            case 'd' -> padded(day, 2);
            case 'e' -> day < 10 ? " " + day : Integer.toString(day);
            case 'B' -> MONTHS[month - 1];
            case 'b', 'h' -> MONTHS[month - 1].substring(0, 3);
            case 'A' -> DAYS[weekday];
            case 'a' -> DAYS[weekday].substring(0, 3);
            case 'H' -> padded(hour, 2);
            case 'I' -> padded((hour + 11) % 12 + 1, 2);
            case 'M' -> padded(secondOfDay / 60 % 60, 2);
            case 'S' -> padded(secondOfDay % 60, 2);
            case 'p' -> hour < 12 ? "AM" : "PM";
            case 'j' -> padded(dayOfYear(), 3);
            case 'u' -> Integer.toString(weekday + 1);
            case 'w' -> Integer.toString((weekday + 1) % 7);
            case 'F' -> field('Y') + "-" + field('m') + "-" + field('d');
            case 'T' -> field('H') + ":" + field('M') + ":" + field('S');
            case 'R' -> field('H') + ":" + field('M');
            case 'D' -> field('m') + "/" + field('d') + "/" + field('y');
            case 'Z' -> "UTC";
            case 'z' -> "+0000";
            case '%' -> "%";
            default -> throw new JinjaError("strftime_now(): unknown directive '%" + directive + "'");
        };
    }

    private int dayOfYear() {
        boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        return DAYS_BEFORE_MONTH[month - 1] + day + (leap && month > 2 ? 1 : 0);
    }

    private static String padded(int value, int width) {
        String text = Integer.toString(value);
        return "0".repeat(Math.max(0, width - text.length())) + text;
    }
}
