package dev.crema.shaders;

/** A kernel that can't be linked as asked; {@link #shader()} is the file (without {@code .wgsl}) where the trouble is. */
public final class LinkException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String shader;

    LinkException(String shader, String message) {
        super(message);
        this.shader = shader;
    }

    public String shader() {
        return shader;
    }
}
