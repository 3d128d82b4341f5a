
// `Function` as TeaVM's runtime uses it, without compiling text, which a content security policy may forbid. It knows each text that the
// runtime makes; anything else is an error when the module is loaded, not later.
function Function(...texts) {
    const [first, second, third] = texts;
    const body = texts.at(-1);
    const count = texts.length - 1;
    if (first === "wrapCallFromJavaToJs") {
        return body.startsWith("return new Function(") ? scriptMaker : scriptOf(texts.slice(1));
    }
    if (first === "rethrowJsAsJava") {
        return second === "constructor" ? constructing : third === "instance" ? callingMethod(count - 4) : calling(count - 2);
    }
    if (first === "rethrowJavaAsJs") {
        return exported(body);
    }
    if (first === "constructor") {
        return (constructor) => function (marker, javaObject) {
            return constructor.call(this, marker, javaObject);
        };
    }
    if (first === "value") {
        return assigning(body.slice(0, body.indexOf(" = value;")));
    }
    if (/^return \[.*\]$/.test(body)) {
        return (...items) => items;
    }
    if (count === 0 && body.startsWith("return ")) {
        return reading(body.slice("return ".length, -1));
    }
    throw new Error(`crema.wasm and its runtime do not fit together: ${texts.join(" ")}`);
}

const scriptMaker = (wrap, ...texts) => scriptOf(texts).bind(null, wrap);

function scriptOf(texts) {
    const script = scripts[texts.join(",")];
    if (script === undefined) {
        throw new Error(`crema.wasm and its runtime are of different builds: there is no script ${texts.join(",")}`);
    }
    return script;
}

const constructing = (rethrow, constructor, ...args) => {
    try {
        return new constructor(...args);
    } catch (e) {
        rethrow(e);
    }
};

// Calls from Java go through these, many a token: the usual numbers of arguments have a function without an array of them.
function calling(count) {
    switch (count) {
        case 0: return (rethrow, f) => { try { return f(); } catch (e) { rethrow(e); } };
        case 1: return (rethrow, f, a) => { try { return f(a); } catch (e) { rethrow(e); } };
        case 2: return (rethrow, f, a, b) => { try { return f(a, b); } catch (e) { rethrow(e); } };
        case 3: return (rethrow, f, a, b, c) => { try { return f(a, b, c); } catch (e) { rethrow(e); } };
        case 4: return (rethrow, f, a, b, c, d) => { try { return f(a, b, c, d); } catch (e) { rethrow(e); } };
        default: return (rethrow, f, ...args) => { try { return f(...args); } catch (e) { rethrow(e); } };
    }
}

function callingMethod(count) {
    switch (count) {
        case 0: return (rethrow, global, instance, name) => {
            try { return instance !== null ? instance[name]() : global(name)(); } catch (e) { rethrow(e); }
        };
        case 1: return (rethrow, global, instance, name, a) => {
            try { return instance !== null ? instance[name](a) : global(name)(a); } catch (e) { rethrow(e); }
        };
        case 2: return (rethrow, global, instance, name, a, b) => {
            try { return instance !== null ? instance[name](a, b) : global(name)(a, b); } catch (e) { rethrow(e); }
        };
        case 3: return (rethrow, global, instance, name, a, b, c) => {
            try { return instance !== null ? instance[name](a, b, c) : global(name)(a, b, c); } catch (e) { rethrow(e); }
        };
        default: return (rethrow, global, instance, name, ...args) => {
            try { return instance !== null ? instance[name](...args) : global(name)(...args); } catch (e) { rethrow(e); }
        };
    }
}

/** A function of Java as JavaScript calls it: `this` goes along to a method; the last of `...parameters` are the others in an array. */
function exported(body) {
    const parameters = body.slice(body.indexOf("(") + 1, body.indexOf(")"));
    const names = parameters === "" ? [] : parameters.split(", ");
    const rest = names.length > 0 && names.at(-1).startsWith("...") ? names.length - 1 : -1;
    const method = body.includes("fn(this");
    return (rethrow, fn) => function (...given) {
        const args = rest < 0 ? given : [...given.slice(0, rest), given.slice(rest)];
        args.length = names.length;
        try {
            return method ? fn(this, ...args) : fn(...args);
        } catch (e) {
            rethrow(e);
        }
    };
}

function reading(path) {
    const [name, ...members] = path.split(".");
    return () => {
        if (!(name in globalThis)) {
            throw new ReferenceError(`${name} is not defined`);
        }
        return members.reduce((value, member) => value[member], globalThis[name]);
    };
}

function assigning(path) {
    const names = path.split(".");
    const last = names.pop();
    return (value) => {
        names.reduce((object, name) => object[name], globalThis)[last] = value;
    };
}

// Where the module is, and how it is read, is for whoever loads it: the runtime takes any `process` for Node's.
const process = undefined;

