package dev.crema.build.lanes.read;

import dev.crema.build.BuildProblem;
import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Type;
import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.LineNumber;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the kernels of class files, and all methods that they call. */
public final class ProgramReader {
    private static final String KERNEL = "L" + LaneTypes.PACKAGE + "Kernel;";

    private final List<Path> folders;
    private final Map<String, ClassModel> classes = new HashMap<>();
    private final Map<String, Function> functions = new LinkedHashMap<>();
    private final Map<String, String> exports = new HashMap<>();
    private final Deque<String> open = new ArrayDeque<>();
    private final List<String> problems = new ArrayList<>();

    private ProgramReader(List<Path> folders) {
        this.folders = folders;
    }

    /**
     * The functions in the order in which they are found, kernels first.
     *
     * @param folders of class files, those of {@code dev.crema.lanes} among them
     * @param kernels binary names of classes with methods that are annotated as kernels
     * @throws BuildProblem with one line for each method that is outside the subset
     */
    public static List<Function> read(List<Path> folders, List<String> kernels) throws IOException {
        ProgramReader reader = new ProgramReader(folders);
        for (String name : kernels) {
            reader.kernels(name.replace('.', '/'));
        }
        reader.callees();
        if (!reader.problems.isEmpty()) {
            throw new BuildProblem("lanes: " + reader.problems.size() + " kernels or methods that they call can't be compiled:\n" + String.join("\n", reader.problems));
        }
        return List.copyOf(reader.functions.values());
    }

    private void kernels(String name) throws IOException {
        ClassModel model = load(name);
        if (model == null) {
            throw new BuildProblem("lanes: no class file of " + name.replace('/', '.') + " in " + folders);
        }
        for (MethodModel method : model.methods()) {
            boolean kernel = method.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                .flatMap((var found) -> found.annotations().stream()).anyMatch((var found) -> found.className().equalsString(KERNEL));
            if (kernel) {
                add(model, method, export(name, method.methodName().stringValue()));
            }
        }
    }

    /** {@code dev/crema/kernels/MatVec}, {@code rows}: {@code matVec_rows}. */
    private static String export(String owner, String method) {
        String simple = owner.substring(Math.max(owner.lastIndexOf('/'), owner.lastIndexOf('$')) + 1);
        return Character.toLowerCase(simple.charAt(0)) + simple.substring(1) + "_" + method;
    }

    private ClassModel load(String name) throws IOException {
        ClassModel known = classes.get(name);
        if (known != null) {
            return known;
        }
        for (Path folder : folders) {
            Path file = folder.resolve(name + ".class");
            if (Files.exists(file)) {
                ClassModel model = ClassFile.of().parse(Files.readAllBytes(file));
                classes.put(name, model);
                return model;
            }
        }
        return null;
    }

    private static String key(ClassModel model, MethodModel method) {
        return model.thisClass().asInternalName() + "." + method.methodName().stringValue() + method.methodType().stringValue();
    }

    private void add(ClassModel model, MethodModel method, String export) {
        String key = key(model, method);
        if (functions.containsKey(key)) {
            return;
        }
        String source = model.findAttribute(Attributes.sourceFile()).map((var file) -> file.sourceFile().stringValue()).orElse("?");
        Place place = new Place(source, model.thisClass().asInternalName().replace('/', '.'), method.methodName().stringValue(), firstLine(method));
        try {
            boolean vector = LaneTypes.isVector(model.thisClass().asInternalName());
            if (!method.flags().has(java.lang.reflect.AccessFlag.STATIC) && !vector) {
                throw place.problem("it is not static: kernels have no objects");
            }
            if (export != null) {
                checkExport(export, key, method, place);
            }
            functions.put(key, MethodReader.read(place, key, export, method));
            open.add(key);
        } catch (BuildProblem problem) {
            problems.add(problem.getMessage());
        }
    }

    private static int firstLine(MethodModel method) {
        return method.code().stream().flatMap((var code) -> code.elementStream()).filter(LineNumber.class::isInstance)
            .mapToInt((var element) -> ((LineNumber) element).line()).findFirst().orElse(0);
    }

    private void checkExport(String export, String key, MethodModel method, Place place) {
        String other = exports.putIfAbsent(export, key);
        if (other != null) {
            throw place.problem("the name of its export, " + export + ", is that of " + other + ": rename one");
        }
        boolean vectors = method.methodTypeSymbol().parameterList().stream().anyMatch((var type) -> LaneTypes.of(type) == Type.V128);
        if (vectors || LaneTypes.of(method.methodTypeSymbol().returnType()) == Type.V128) {
            throw place.problem("a kernel is called from JavaScript, which has no vectors: pass addresses");
        }
    }

    private void callees() throws IOException {
        while (!open.isEmpty()) {
            Function caller = functions.get(open.pop());
            for (Block block : caller.blocks()) {
                for (Inst inst : block.body()) {
                    if (inst.imm() instanceof Imm.Callee(String key) && !functions.containsKey(key)) {
                        callee(caller, inst, key);
                    }
                }
            }
        }
    }

    private void callee(Function caller, Inst call, String key) throws IOException {
        int end = key.indexOf('(');
        String owner = key.substring(0, key.lastIndexOf('.', end));
        ClassModel model = load(owner);
        MethodModel method = model == null ? null : model.methods().stream().filter((MethodModel one) -> key(model, one).equals(key)).findFirst().orElse(null);
        if (method == null) {
            problems.add(caller.place() + ":" + call.line() + ": no class file here has " + key.replace('/', '.') + ", which it calls");
            return;
        }
        add(model, method, null);
    }
}
