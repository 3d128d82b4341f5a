package dev.crema.build.lanes;

import dev.crema.build.BuildProblem;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Printer;
import dev.crema.build.lanes.pass.Passes;
import dev.crema.build.lanes.read.ProgramReader;
import dev.crema.build.lanes.write.ModuleWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Kernels in Java, read once, and the modules made of them. */
public final class LanesCompiler {
    private final List<Function> functions;

    private LanesCompiler(List<Function> functions) {
        this.functions = functions;
    }

    /**
     * Reads and optimises.
     *
     * @param folders of class files, those of {@code dev.crema.lanes} among them
     * @param kernels binary names of the classes whose annotated methods are exported
     * @throws BuildProblem names class, method and line of what is outside the subset
     */
    public static LanesCompiler read(List<Path> folders, List<String> kernels) throws IOException {
        return new LanesCompiler(Passes.optimise(ProgramReader.read(folders, kernels)));
    }

    /** The names of the exports. */
    public List<String> exports() {
        return functions.stream().map(Function::export).filter((String name) -> name != null).toList();
    }

    private List<Function> lowered(Target target) {
        return functions.stream().map((Function function) -> Passes.lower(function, target.relaxed(), target.memory().wide())).toList();
    }

    public byte[] module(Target target) {
        return ModuleWriter.write(lowered(target), target.memory());
    }

    /** What the module is written from, for people to read. */
    public String text(Target target) {
        return lowered(target).stream().map(Printer::print).collect(Collectors.joining("\n"));
    }
}
