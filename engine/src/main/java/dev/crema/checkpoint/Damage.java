package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

/** The errors of files that are not what they should be. */
final class Damage {
    private Damage() { }

    /** {@code INVALID_CHECKPOINT}: {@code file} is not a whole, valid file of its format. */
    static CremaException invalid(String file, String what) {
        return new CremaException(ErrorCode.INVALID_CHECKPOINT, file + ": " + what + ".",
            "The file is damaged or was not copied completely; fetch it again.");
    }

    static CremaException unsupported(String message, String hint) {
        return new CremaException(ErrorCode.UNSUPPORTED_MODEL, message, hint);
    }

    /** An unsigned 64-bit number for a message. */
    static String unsigned(long value) {
        return value < 0 ? "more than " + Long.MAX_VALUE : Long.toString(value);
    }
}
