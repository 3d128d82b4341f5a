package dev.crema.build;

/** Something the author of the sources has to mend: the message names the place, what is wrong and what to do. */
public final class BuildProblem extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BuildProblem(String message) {
        super(message);
    }
}
