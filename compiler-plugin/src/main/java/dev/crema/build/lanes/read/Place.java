package dev.crema.build.lanes.read;

import dev.crema.build.BuildProblem;

/** A line of a method, for messages. */
record Place(String sourceFile, String className, String method, int line) {
    BuildProblem problem(String what) {
        return new BuildProblem(sourceFile + (line > 0 ? ":" + line : "") + " (" + className + "." + method + "): " + what);
    }

    Place at(int newLine) {
        return new Place(sourceFile, className, method, newLine);
    }
}
