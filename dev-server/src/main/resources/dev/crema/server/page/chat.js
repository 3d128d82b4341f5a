// Chats through the server that this page came from, with its OpenAI API and nothing else.

const $ = (id) => document.getElementById(id);
/** What was said so far; a new chat has a new one. */
let conversation = [];
/** What is told of a failure outside any reply. */
let notice = null;
/** Set while a reply comes. */
let abort = null;

function headers() {
    const key = $("key").value.trim();
    return { "Content-Type": "application/json", ...key && { Authorization: `Bearer ${key}` } };
}

function element(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
}

/** The error that a response tells of, in the server's own words. */
async function failure(response) {
    const { error } = await response.json().catch(() => ({}));
    if (response.status === 401) {
        $("settings").open = true;
        $("key").focus();
        return new Error("This server asks for an API key: enter it in the settings.");
    }
    return new Error(error ? `${error.message} ${error.hint ?? ""}` : `The server answered ${response.status}.`);
}

async function listModels() {
    const chosen = $("model").value;
    try {
        const response = await fetch("v1/models", { headers: headers() });
        if (!response.ok) {
            throw await failure(response);
        }
        const { data } = await response.json();
        notice?.remove();
        notice = null;
        $("model").replaceChildren(...data.map(({ id, status }) => {
            const option = element("option", "", status === "loaded" ? id : `${id} (${status})`);
            option.value = id;
            return option;
        }));
        if (data.some(({ id }) => id === chosen)) {
            $("model").value = chosen;
        }
    } catch (error) {
        notice ??= show("assistant");
        notice.fail(error);
    }
}

/** Adds a message to the page; its parts are made as they are needed. */
function show(role, content = "") {
    $("empty").hidden = true;
    const article = element("article", role);
    const text = element("p", "", content);
    article.append(text);
    $("messages").append(article);
    let thoughts = null;
    const atEnd = () => $("messages").scrollHeight - $("messages").scrollTop - $("messages").clientHeight < 80;
    const scroll = (change) => {
        const follow = atEnd();
        change();
        if (follow) {
            $("messages").scrollTop = $("messages").scrollHeight;
        }
    };
    scroll(() => { });
    return {
        remove: () => article.remove(),
        append: (more) => scroll(() => text.append(more)),
        think: (more) => scroll(() => {
            if (!thoughts) {
                const details = element("details", "thoughts");
                details.append(element("summary", "", "Thoughts"), thoughts = element("span", ""));
                article.prepend(details);
            }
            thoughts.append(more);
        }),
        fail: (error) => scroll(() => {
            article.querySelector(".error")?.remove();
            article.append(element("p", "error", error.message));
        }),
        note: (what) => scroll(() => article.append(element("div", "figures", what))),
    };
}

/** The data of each event of a response. */
async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const lines = (rest + part.value).split("\n");
        rest = lines.pop();
        for (const line of lines.filter((each) => each.startsWith("data: "))) {
            yield line.slice(6);
        }
    }
}

function request(messages) {
    const system = $("system").value.trim();
    return {
        model: $("model").value || undefined,
        messages: system ? [{ role: "system", content: system }, ...messages] : messages,
        temperature: $("temperature").value === "" ? undefined : Number($("temperature").value),
        max_completion_tokens: $("max-tokens").value === "" ? undefined : Number($("max-tokens").value),
        stream: true,
    };
}

/** Streams the reply to the conversation; the text that came, also where it was stopped. */
async function reply(view, messages, signal) {
    const response = await fetch("v1/chat/completions", { method: "POST", headers: headers(), body: JSON.stringify(request(messages)), signal });
    if (!response.ok) {
        throw await failure(response);
    }
    let whole = "";
    try {
        for await (const data of events(response)) {
            if (data === "[DONE]") {
                break;
            }
            const { error, choices, timings } = JSON.parse(data);
            if (error) {
                throw new Error(`${error.message} ${error.hint ?? ""}`);
            }
            const [choice] = choices;
            if (choice?.delta?.reasoning_content) {
                view.think(choice.delta.reasoning_content);
            }
            view.append(choice?.delta?.content ?? "");
            whole += choice?.delta?.content ?? "";
            if (timings) {
                view.note(`${timings.predicted_n} tokens, ${Number(timings.predicted_per_second).toFixed(1)} tokens/s${
                    choice?.finish_reason === "length" ? "; cut off at the limit of tokens" : ""}`);
            }
        }
    } catch (error) {
        if (error.name !== "AbortError") {
            throw error;
        }
        view.note("stopped");
    }
    return whole;
}

async function send(text) {
    const messages = conversation;
    messages.push({ role: "user", content: text });
    show("user", text);
    const view = show("assistant");
    abort = new AbortController();
    $("send").textContent = "Stop";
    $("text").required = false;
    try {
        messages.push({ role: "assistant", content: await reply(view, messages, abort.signal) });
    } catch (error) {
        messages.pop(); // What has no answer is no part of the conversation.
        $("text").value ||= text;
        view.fail(error);
    } finally {
        abort = null;
        $("send").textContent = "Send";
        $("text").required = true;
        await listModels();
    }
}

$("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("text").value.trim();
    if (abort) {
        abort.abort();
    } else if (text !== "") {
        $("text").value = "";
        send(text);
    }
});

$("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !abort) {
        event.preventDefault();
        $("composer").requestSubmit();
    }
});

$("new").addEventListener("click", () => {
    abort?.abort();
    conversation = [];
    notice = null;
    for (const article of document.querySelectorAll("article")) {
        article.remove();
    }
    $("empty").hidden = false;
    $("text").focus();
});

// The key is kept as long as the tab, for this server alone.
$("key").value = sessionStorage.getItem("crema-api-key") ?? "";
$("key").addEventListener("change", () => {
    sessionStorage.setItem("crema-api-key", $("key").value.trim());
    listModels();
});

await listModels();
$("text").focus();
