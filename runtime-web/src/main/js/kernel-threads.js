// How threads run a program of kernels together: a job is told through words of the shared memory, and after each kernel all wait for the last.
// See dev.crema.web.wasm.KernelHost for programs.

/** Words at the start of the memory, which belong to the host. */
const JOB = 16;
const PROGRAM = 17;
const COUNT = 18;
const SCRATCH = 19;
const SCRATCH_BYTES = 20;
/** Not 0 once a kernel has failed on any thread: nobody waits for anybody then. */
const FAILED = 21;
/** Each on a cache line of its own: what all threads change. */
const NEXT_PART = 32;
const ARRIVED = 48;
const ROUND = 64;
const SLEEPERS = 80;
/** A number that only an ended host's JOB has. */
const CLOSED = -1;

/** Looks at a word so often before it sleeps: some tens of microseconds, longer than a kernel of a decode step takes. */
const SPINS = 4000;
/** Parts of a kernel for each thread: one that is held up takes fewer of them. */
const PARTS_A_THREAD = 4;
/** A page's own thread may not sleep. */
const maySleep = typeof document === "undefined";

/** Waits until the word is another than `old`; the new value. */
function awaitChange(words, index, old) {
    for (let i = 0; i < SPINS; i++) {
        const now = Atomics.load(words, index);
        if (now !== old) {
            return now;
        }
    }
    if (maySleep) {
        Atomics.add(words, SLEEPERS, 1);
        Atomics.wait(words, index, old);
        Atomics.sub(words, SLEEPERS, 1);
    }
    for (;;) {
        const now = Atomics.load(words, index);
        if (now !== old) {
            return now;
        }
    }
}

function change(words, index, value) {
    Atomics.store(words, index, value);
    if (Atomics.load(words, SLEEPERS) > 0) {
        Atomics.notify(words, index);
    }
}

/** The words below 4 GB, where programs are. */
const lowWords = ({ buffer }) => new Int32Array(buffer, 0, Math.min(buffer.byteLength, 2 ** 32 - 4) / 4);

/** One of `threads` threads over the same memory. */
export class KernelThread {
    #kernels;
    #memory;
    #thread;
    #threads;
    #words;

    constructor(kernels, memory, thread, threads) {
        this.#kernels = kernels;
        this.#memory = memory;
        this.#thread = thread;
        this.#threads = threads;
        this.#words = lowWords(memory);
    }

    /** Runs a job as its first thread; returns when all is done. */
    run(program, count, scratch, scratchBytes) {
        if (this.#threads === 1) {
            this.#runAlone(program, count, scratch);
            return;
        }
        const words = this.#fresh(program);
        words[PROGRAM] = program;
        words[COUNT] = count;
        words[SCRATCH] = scratch;
        words[SCRATCH_BYTES] = scratchBytes;
        Atomics.store(words, NEXT_PART, 0);
        change(words, JOB, (words[JOB] + 1) & 0x3fffffff);
        this.#share();
    }

    /** Takes part in jobs until the host is closed. */
    serve() {
        for (let job = 0; ;) {
            job = awaitChange(this.#words, JOB, job);
            if (job === CLOSED) {
                return;
            }
            this.#share();
        }
    }

    close() {
        Atomics.store(this.#words, JOB, CLOSED);
        Atomics.notify(this.#words, JOB);
    }

    #runAlone(program, count, scratch) {
        const words = this.#fresh(program);
        const from = program >>> 2;
        for (let i = from; i < from + 2 * count; i += 2) {
            this.#kernels[words[i]](words[i + 1], 0, 1, scratch);
        }
    }

    #share() {
        const { [PROGRAM]: program, [COUNT]: count, [SCRATCH]: scratch, [SCRATCH_BYTES]: scratchBytes } = this.#words;
        const words = this.#fresh(program);
        const parts = this.#threads * PARTS_A_THREAD;
        const own = scratch + this.#thread * scratchBytes;
        try {
            this.#shareKernels(words, program >>> 2, count, parts, own);
        } catch (error) {
            Atomics.store(words, FAILED, 1);
            change(words, ROUND, (words[ROUND] + 1) & 0x3fffffff);
            throw error;
        }
    }

    #shareKernels(words, from, count, parts, own) {
        let base = 0;
        for (let i = from; i < from + 2 * count; i += 2, base += parts + this.#threads) {
            const kernel = this.#kernels[words[i]];
            const args = words[i + 1];
            for (let part = Atomics.add(words, NEXT_PART, 1) - base; part < parts; part = Atomics.add(words, NEXT_PART, 1) - base) {
                kernel(args, part, parts, own);
            }
            this.#barrier(words);
        }
    }

    /** Every thread took one number too many, so after a kernel NEXT_PART has grown by parts and threads. */
    #barrier(words) {
        const round = Atomics.load(words, ROUND);
        if (Atomics.add(words, ARRIVED, 1) === this.#threads - 1) {
            Atomics.store(words, ARRIVED, 0);
            change(words, ROUND, (round + 1) & 0x3fffffff);
        } else {
            awaitChange(words, ROUND, round);
        }
        if (Atomics.load(words, FAILED) !== 0) {
            throw new Error("a kernel failed on another thread");
        }
    }

    /** The words of the memory, which may have grown. */
    #fresh(address) {
        while (this.#words.length <= address >>> 2) {
            this.#words = lowWords(this.#memory);
        }
        return this.#words;
    }
}
