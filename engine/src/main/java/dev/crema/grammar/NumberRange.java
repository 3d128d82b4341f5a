package dev.crema.grammar;

import static dev.crema.grammar.Expression.optional;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.grammar.Expression.Choice;
import dev.crema.grammar.Expression.OneOf;
import dev.crema.grammar.Expression.Repeat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers between two bounds, as digits: exactly those, without exponent, with a bounded number of digits behind what the bounds decide.
 *
 * @param low           null for none
 * @param high          null for none
 * @param lowExcluded   whether the bound itself is not among them
 */
record NumberRange(BigDecimal low, boolean lowExcluded, BigDecimal high, boolean highExcluded) {
    private static final Expression NOTHING = new Choice(List.of());
    private static final OneOf DIGIT = new OneOf(CharSet.range('0', '9'));
    private static final int MAX_WHOLE_DIGITS = 16;
    private static final int MAX_MORE_DIGITS = 16;

    Expression integers() {
        BigInteger from = low == null ? null : low.setScale(0, RoundingMode.CEILING).toBigInteger();
        if (from != null && lowExcluded && new BigDecimal(from).compareTo(low) == 0) {
            from = from.add(BigInteger.ONE);
        }
        BigInteger to = high == null ? null : high.setScale(0, RoundingMode.FLOOR).toBigInteger();
        if (to != null && highExcluded && new BigDecimal(to).compareTo(high) == 0) {
            to = to.subtract(BigInteger.ONE);
        }
        List<Expression> options = new ArrayList<>();
        if (to == null || to.signum() >= 0) {
            options.add(wholes(from == null ? BigInteger.ZERO : from.max(BigInteger.ZERO), to));
        }
        if (from == null || from.signum() < 0) {
            BigInteger least = to == null ? BigInteger.ONE : to.negate().max(BigInteger.ONE);
            options.add(sequence(text("-"), wholes(least, from == null ? null : from.negate())));
        }
        return new Choice(List.copyOf(options));
    }

    /** All numbers with or without fraction. */
    Expression numbers() {
        List<Expression> options = new ArrayList<>();
        if (high == null || high.signum() >= 0) {
            boolean cut = low != null && low.signum() >= 0;
            options.add(decimals(cut ? low : BigDecimal.ZERO, cut && lowExcluded, high, highExcluded));
        }
        if (low == null || low.signum() < 0) {
            boolean cut = high != null && high.signum() < 0;
            options.add(sequence(text("-"), decimals(cut ? high.negate() : BigDecimal.ZERO, !cut || highExcluded,
                low == null ? null : low.negate(), lowExcluded)));
        }
        return new Choice(List.copyOf(options));
    }

    /** Whole numbers from {@code from}, at least 0, to {@code to}, which may be null for no bound. */
    private static Expression wholes(BigInteger from, BigInteger to) {
        if (to != null && from.compareTo(to) > 0) {
            return NOTHING;
        }
        String low = from.toString();
        String high = to == null ? "9".repeat(Math.max(MAX_WHOLE_DIGITS, low.length())) : to.toString();
        List<Expression> options = new ArrayList<>();
        for (int length = low.length(); length <= high.length(); length++) {
            String least = length == low.length() ? low : "1" + "0".repeat(length - 1);
            String most = length == high.length() ? high : "9".repeat(length);
            options.add(sameLength(least, most));
        }
        return new Choice(List.copyOf(options));
    }

    /** Digits between two of the same length. */
    private static Expression sameLength(String low, String high) {
        if (low.isEmpty()) {
            return Expression.EMPTY;
        }
        char first = low.charAt(0);
        char last = high.charAt(0);
        String lowRest = low.substring(1);
        String highRest = high.substring(1);
        int more = lowRest.length();
        if (first == last) {
            return sequence(text(String.valueOf(first)), sameLength(lowRest, highRest));
        }
        List<Expression> options = new ArrayList<>();
        boolean lowWhole = all(lowRest, '0');
        boolean highWhole = all(highRest, '9');
        if (!lowWhole) {
            options.add(sequence(text(String.valueOf(first)), sameLength(lowRest, "9".repeat(more))));
        }
        options.add(sequence(new OneOf(CharSet.range(lowWhole ? first : first + 1, highWhole ? last : last - 1)), new Repeat(DIGIT, more, more)));
        if (!highWhole) {
            options.add(sequence(text(String.valueOf(last)), sameLength("0".repeat(more), highRest)));
        }
        return new Choice(List.copyOf(options));
    }

    private static boolean all(String digits, char digit) {
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) != digit) {
                return false;
            }
        }
        return true;
    }

    /** Decimal numbers from {@code from}, at least 0, to {@code to}, which may be null for no bound. */
    private static Expression decimals(BigDecimal from, boolean fromExcluded, BigDecimal to, boolean toExcluded) {
        int order = to == null ? -1 : from.compareTo(to);
        if (order > 0 || order == 0 && (fromExcluded || toExcluded)) {
            return NOTHING;
        }
        BigInteger fromWhole = from.toBigInteger();
        BigInteger toWhole = to == null ? null : to.toBigInteger();
        String fromDigits = fraction(from);
        String toDigits = to == null ? "" : fraction(to);
        if (fromWhole.equals(toWhole)) {
            int length = Math.max(fromDigits.length(), toDigits.length());
            String low = fromDigits + "0".repeat(length - fromDigits.length());
            String high = toDigits + "0".repeat(length - toDigits.length());
            return sequence(text(fromWhole.toString()), pointed(between(low, fromExcluded, high, toExcluded), all(low, '0') && !fromExcluded));
        }
        List<Expression> options = new ArrayList<>();
        options.add(sequence(text(fromWhole.toString()), pointed(atLeast(fromDigits, fromExcluded), fromDigits.isEmpty() && !fromExcluded)));
        BigInteger next = fromWhole.add(BigInteger.ONE);
        BigInteger before = to == null ? null : toWhole.subtract(BigInteger.ONE);
        options.add(sequence(wholes(next, before), optional(sequence(text("."), new Repeat(DIGIT, 1, MAX_MORE_DIGITS)))));
        if (to != null) {
            options.add(sequence(text(toWhole.toString()), pointed(atMost(toDigits, toExcluded), !toDigits.isEmpty() || !toExcluded)));
        }
        return new Choice(List.copyOf(options));
    }

    /** The digits behind the point, without zeros at the end. */
    private static String fraction(BigDecimal value) {
        String text = value.toPlainString();
        int point = text.indexOf('.');
        int end = text.length();
        while (point >= 0 && text.charAt(end - 1) == '0') {
            end--;
        }
        return point < 0 || end == point + 1 ? "" : text.substring(point + 1, end);
    }

    /** A point and at least one digit; {@code digits} may match none, which is the same as no fraction. */
    private static Expression pointed(Expression digits, boolean mayLack) {
        Expression fraction = sequence(text("."), digits);
        return mayLack ? optional(fraction) : fraction;
    }

    /** One digit or more that are at least {@code low}, as a fraction. */
    private static Expression atLeast(String low, boolean excluded) {
        if (low.isEmpty()) {
            return excluded ? sequence(new Repeat(text("0"), 0, MAX_MORE_DIGITS), new OneOf(CharSet.range('1', '9')),
                new Repeat(DIGIT, 0, MAX_MORE_DIGITS)) : new Repeat(DIGIT, 1, MAX_MORE_DIGITS);
        }
        char first = low.charAt(0);
        String rest = low.substring(1);
        Expression above = sequence(new OneOf(CharSet.range(first + 1, '9')), new Repeat(DIGIT, 0, MAX_MORE_DIGITS));
        Expression more = atLeast(rest, excluded);
        boolean mayEnd = all(rest, '0') && !excluded;
        return Expression.choice(above, sequence(text(String.valueOf(first)), mayEnd ? optional(more) : more));
    }

    /** One digit or more that are at most {@code high}, as a fraction. */
    private static Expression atMost(String high, boolean excluded) {
        if (high.isEmpty()) {
            return excluded ? NOTHING : new Repeat(text("0"), 1, MAX_MORE_DIGITS);
        }
        char first = high.charAt(0);
        String rest = high.substring(1);
        Expression below = sequence(new OneOf(CharSet.range('0', first - 1)), new Repeat(DIGIT, 0, MAX_MORE_DIGITS));
        Expression more = atMost(rest, excluded);
        boolean mayEnd = !(all(rest, '0') && excluded);
        return Expression.choice(below, sequence(text(String.valueOf(first)), mayEnd ? optional(more) : more));
    }

    /** The same between two bounds of the same length; digits that end early stand for zeros. */
    private static Expression between(String low, boolean lowExcluded, String high, boolean highExcluded) {
        if (low.isEmpty()) {
            return lowExcluded || highExcluded ? NOTHING : new Repeat(text("0"), 1, MAX_MORE_DIGITS);
        }
        char first = low.charAt(0);
        char last = high.charAt(0);
        String lowRest = low.substring(1);
        String highRest = high.substring(1);
        boolean lowMayEnd = all(lowRest, '0') && !lowExcluded;
        if (first == last) {
            Expression more = between(lowRest, lowExcluded, highRest, highExcluded);
            return sequence(text(String.valueOf(first)), lowMayEnd ? optional(more) : more);
        }
        Expression fromLow = atLeast(lowRest, lowExcluded);
        Expression toHigh = atMost(highRest, highExcluded);
        boolean highMayEnd = !(all(highRest, '0') && highExcluded);
        return Expression.choice(
            sequence(text(String.valueOf(first)), lowMayEnd ? optional(fromLow) : fromLow),
            sequence(new OneOf(CharSet.range(first + 1, last - 1)), new Repeat(DIGIT, 0, MAX_MORE_DIGITS)),
            sequence(text(String.valueOf(last)), highMayEnd ? optional(toHigh) : toHigh));
    }
}
