package dev.crema.web.device;

/** The variants of the shader slot {@code team}. */
public enum Teams {
    /** A workgroup: for GPUs. */
    WORKGROUP("workgroup", 1, 8),
    /** An invocation: for software adapters, where a barrier costs more than it gains. */
    SINGLE("single", 16, 3);

    /** The variant's name. */
    final String variant;
    /** TEAMS_PER_GROUP of the .wgsl file. */
    final int perGroup;
    /** From as many rows on a mat-mul goes by tiles. */
    final int tiledRows;

    Teams(String variant, int perGroup, int tiledRows) {
        this.variant = variant;
        this.perGroup = perGroup;
        this.tiledRows = tiledRows;
    }
}
