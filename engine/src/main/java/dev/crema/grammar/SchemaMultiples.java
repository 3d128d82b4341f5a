package dev.crema.grammar;

import static dev.crema.grammar.Expression.optional;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.grammar.Expression.Choice;
import dev.crema.grammar.Expression.OneOf;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code multipleOf}: between two bounds the multiples one by one, else an automaton over the digits that keeps what is left when the number so far is
 * divided. Numbers have no exponent, and as many decimals as the step or none.
 */
final class SchemaMultiples {
    private static final int MOST_VALUES = 2000;
    private static final int MOST_STATES = 2000;

    private final JsonSchema schema;
    private final SchemaNode node;
    private final BigDecimal step;
    private final int decimals;
    private final int modulus;
    private String[] wholes;
    private String[][] fractions;

    private SchemaMultiples(JsonSchema schema, SchemaNode node, BigDecimal step, boolean whole) {
        this.schema = schema;
        this.node = node;
        BigDecimal given = step.stripTrailingZeros();
        int scale = Math.max(0, given.scale());
        BigInteger unscaled = given.setScale(scale, RoundingMode.UNNECESSARY).unscaledValue();
        // Of a step p/q the whole multiples are those of p.
        BigInteger least = whole ? unscaled.divide(unscaled.gcd(BigInteger.TEN.pow(scale))) : unscaled;
        decimals = whole ? 0 : scale;
        this.step = new BigDecimal(least, decimals);
        modulus = least.bitLength() < 31 && least.longValue() * (decimals + 1) <= MOST_STATES ? least.intValue() : -1;
    }

    static Expression of(JsonSchema schema, SchemaNode node, NumberRange range, boolean whole) {
        BigDecimal step = node.number("multipleOf");
        if (step.signum() <= 0) {
            throw node.error("multipleOf", "is " + step.toPlainString() + ", expected more than 0");
        }
        var multiples = new SchemaMultiples(schema, node, step, whole);
        return range.low() != null && range.high() != null ? multiples.listed(range) : multiples.unbounded(range);
    }

    private Expression listed(NumberRange range) {
        BigInteger from = range.low().divide(step, 0, RoundingMode.CEILING).toBigInteger();
        BigInteger to = range.high().divide(step, 0, RoundingMode.FLOOR).toBigInteger();
        if (range.lowExcluded() && step.multiply(new BigDecimal(from)).compareTo(range.low()) == 0) {
            from = from.add(BigInteger.ONE);
        }
        if (range.highExcluded() && step.multiply(new BigDecimal(to)).compareTo(range.high()) == 0) {
            to = to.subtract(BigInteger.ONE);
        }
        if (to.subtract(from).compareTo(BigInteger.valueOf(MOST_VALUES)) >= 0) {
            throw node.unsupported("multipleOf", " with more than " + MOST_VALUES + " values between 'minimum' and 'maximum'");
        }
        List<Expression> values = new ArrayList<>();
        for (BigInteger i = from; i.compareTo(to) <= 0; i = i.add(BigInteger.ONE)) {
            BigDecimal value = step.multiply(new BigDecimal(i));
            values.add(text(value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString()));
        }
        if (values.isEmpty()) {
            throw node.error("multipleOf", "allows no value between 'minimum' and 'maximum'");
        }
        return new Choice(List.copyOf(values));
    }

    private Expression unbounded(NumberRange range) {
        if (modulus < 0) {
            throw node.unsupported("multipleOf", " where it is " + node.get("multipleOf") + ", which has too many digits");
        }
        boolean free = range.low() == null && range.high() == null;
        boolean positive = range.low() != null && range.low().signum() == 0 && (decimals == 0 || !range.lowExcluded());
        if (!free && !positive) {
            throw node.unsupported("multipleOf", " beside a single bound other than 'minimum': 0");
        }
        names();
        List<Expression> first = new ArrayList<>();
        if (free || !range.lowExcluded()) {
            first.add(sequence(text("0"), decimals == 0 ? Expression.EMPTY : optional(sequence(text("."), Expression.rule(fractions[0][0])))));
        }
        first.addAll(digits('1', 0, wholes));
        Expression number = schema.named("multiple", new Choice(List.copyOf(first)));
        return free ? sequence(optional(text("-")), number) : number;
    }

    /** A rule for what may follow a whole part that leaves so much, and one for each number of decimals. */
    private void names() {
        wholes = new String[modulus];
        fractions = new String[decimals][modulus];
        for (int left = 0; left < modulus; left++) {
            wholes[left] = schema.reserve("multiple");
            for (int done = 0; done < decimals; done++) {
                fractions[done][left] = schema.reserve("multiple");
            }
        }
        for (int left = 0; left < modulus; left++) {
            List<Expression> options = new ArrayList<>(digits('0', left, wholes));
            if (times(left, decimals) == 0) {
                options.add(Expression.EMPTY);
            }
            if (decimals > 0 && canEnd(left, decimals)) {
                options.add(sequence(text("."), Expression.rule(fractions[0][left])));
            }
            schema.define(wholes[left], new Choice(List.copyOf(options)));
            for (int done = 0; done < decimals; done++) {
                schema.define(fractions[done][left], new Choice(fraction(done, left)));
            }
        }
    }

    private List<Expression> digits(char from, int left, String[] next) {
        List<Expression> options = new ArrayList<>();
        for (char digit = from; digit <= '9'; digit++) {
            options.add(sequence(new OneOf(CharSet.of(digit)), Expression.rule(next[(left * 10 + digit - '0') % modulus])));
        }
        return options;
    }

    /** The next decimal behind {@code done} of them; only ways that end. */
    private List<Expression> fraction(int done, int left) {
        List<Expression> options = new ArrayList<>();
        for (char digit = '0'; digit <= '9'; digit++) {
            int next = (left * 10 + digit - '0') % modulus;
            if (canEnd(next, decimals - done - 1)) {
                options.add(sequence(text(String.valueOf(digit)), done + 1 == decimals ? Expression.EMPTY : Expression.rule(fractions[done + 1][next])));
            }
        }
        return options;
    }

    private long times(int left, int digits) {
        long result = left;
        for (int i = 0; i < digits; i++) {
            result = result * 10 % modulus;
        }
        return result;
    }

    /** Whether {@code digits} more digits can make it a multiple. */
    private boolean canEnd(int left, int digits) {
        long missing = (modulus - times(left, digits)) % modulus;
        return digits > 9 || missing < BigInteger.TEN.pow(digits).longValue();
    }
}
