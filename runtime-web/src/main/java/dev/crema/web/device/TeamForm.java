package dev.crema.web.device;

import java.util.List;

/** How the lanes of a workgroup add up what they have, where both ways are there. */
enum TeamForm {
    /** Subgroups first, then through workgroup memory. */
    SUBGROUPS("subgroups"),
    /** Through workgroup memory alone. */
    MEMORY("memory");

    final String label;

    TeamForm(String label) {
        this.label = label;
    }

    static TeamForm of(String label) {
        return label.equals(MEMORY.label) ? MEMORY : SUBGROUPS;
    }

    /** The forms that apply, the shipped default first. */
    static List<TeamForm> applicable(Kernels kernels, Teams teams) {
        if (teams != Teams.WORKGROUP) {
            return List.of(SUBGROUPS);
        }
        return kernels.haveSubgroups() ? List.of(SUBGROUPS, MEMORY) : List.of(MEMORY);
    }
}
