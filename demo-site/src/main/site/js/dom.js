// Small helpers to build and find elements. Text always goes in as text.

export const byId = (id) => document.getElementById(id);

/** `h("button.primary", { type: "button", onclick }, "Text", child)`: an element with classes, properties or attributes, and children. */
export function h(what, props = {}, ...children) {
    const [tag, ...classes] = what.split(".");
    const element = document.createElement(tag);
    element.classList.add(...classes);
    for (const [name, value] of Object.entries(props)) {
        if (name in element && !name.startsWith("aria") && name !== "list") {
            element[name] = value;
        } else if (value !== null && value !== undefined) {
            element.setAttribute(name, value);
        }
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element with attributes and children. */
export function svg(tag, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) {
        element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
}

/** An icon of the sprite in index.html. */
export function icon(name, viewBox = null) {
    const use = svg("use", { href: `#icon-${name}` });
    return svg("svg", { "aria-hidden": "true", ...(viewBox && { viewBox }) }, use);
}

export function iconButton(name, label, onclick) {
    return h("button.icon-button", { type: "button", title: label, "aria-label": label, onclick }, icon(name));
}

/** Says something to people who listen to the page. */
export function announce(text) {
    byId("announcer").textContent = text;
}

/** Copies a text and shows so on the button for a moment. */
export async function copyText(text, button) {
    try {
        await navigator.clipboard.writeText(text);
    } catch (error) {
        announce("The browser does not let this page copy.");
        return;
    }
    announce("Copied");
    const use = button.querySelector("use");
    const before = use.getAttribute("href");
    use.setAttribute("href", "#icon-check");
    setTimeout(() => use.setAttribute("href", before), 1400);
}

/** 5775832 as "5.8 MB". */
export function formatBytes(bytes) {
    const units = ["bytes", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (bytes >= 1000 && unit < units.length - 1) {
        bytes /= 1000;
        unit++;
    }
    return `${unit === 0 ? bytes : bytes.toFixed(bytes < 100 ? 1 : 0)} ${units[unit]}`;
}

/** 2885888 as "2.9 M". */
export function formatCount(count) {
    return count >= 1e9 ? `${(count / 1e9).toFixed(1)} B` : count >= 1e6 ? `${(count / 1e6).toFixed(1)} M` : count.toLocaleString("en");
}
