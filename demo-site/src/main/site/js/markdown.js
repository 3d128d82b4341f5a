// The Markdown that models write, as elements: headings, lists, quotes, tables, code, emphasis, links. Built from text nodes only, so
// that nothing a model writes can be more than text.

import { copyText, h, iconButton } from "./dom.js";

/** Shows `text` in `element`. Blocks that did not change stay as they are, so streaming costs one block a time. */
export function showMarkdown(element, text) {
    const blocks = splitBlocks(text);
    blocks.forEach((block, index) => {
        const present = element.children[index];
        if (present?.markdownSource !== block.source) {
            const fresh = renderBlock(block);
            fresh.markdownSource = block.source;
            fresh.dir = block.kind === "code" ? "ltr" : "auto";
            present ? present.replaceWith(fresh) : element.append(fresh);
        }
    });
    while (element.children.length > blocks.length) {
        element.lastElementChild.remove();
    }
}

const FENCE = /^ {0,3}(```+|~~~+)\s*([\w+#.-]*)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const BULLET = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^ {0,3}>\s?/;
const TABLE_RULE = /^\s*\|?(\s*:?-+:?\s*\|)+\s*:?-*:?\s*$/;

/** Blocks `{ kind, lines, source }` of a text. */
function splitBlocks(text) {
    const lines = text.replaceAll("\r\n", "\n").split("\n");
    const blocks = [];
    for (let at = 0; at < lines.length;) {
        if (lines[at].trim() === "") {
            at++;
            continue;
        }
        const kind = kindOf(lines, at);
        const end = endOf(kind, lines, at);
        const taken = lines.slice(at, end);
        blocks.push({ kind, lines: taken, source: `${kind}\n${taken.join("\n")}` });
        at = end;
    }
    return blocks;
}

function kindOf(lines, at) {
    const line = lines[at];
    if (FENCE.test(line)) return "code";
    if (HEADING.test(line)) return "heading";
    if (RULE.test(line)) return "rule";
    if (BULLET.test(line)) return "list";
    if (QUOTE.test(line)) return "quote";
    return line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "") ? "table" : "paragraph";
}

function endOf(kind, lines, at) {
    let end = at + 1;
    if (kind === "heading" || kind === "rule") {
        return end;
    }
    if (kind === "code") {
        const fence = FENCE.exec(lines[at])[1];
        while (end < lines.length && !lines[end].trim().startsWith(fence)) {
            end++;
        }
        return Math.min(end + 1, lines.length);
    }
    const goesOn = {
        list: (line, i) => (line.trim() !== "" && (BULLET.test(line) || /^\s/.test(line) || kindOf(lines, i) === "paragraph"))
            || (line.trim() === "" && BULLET.test(lines[i + 1] ?? "")),
        quote: (line) => QUOTE.test(line),
        table: (line) => line.includes("|"),
        paragraph: (line, i) => line.trim() !== "" && kindOf(lines, i) === "paragraph",
    }[kind];
    while (end < lines.length && goesOn(lines[end], end)) {
        end++;
    }
    return end;
}

function renderBlock({ kind, lines }) {
    switch (kind) {
        case "code": return renderCode(lines);
        case "heading": {
            const [, marks, text] = HEADING.exec(lines[0]);
            return h(`h${Math.min(5, marks.length + 2)}`, {}, ...inline(text));
        }
        case "rule": return h("hr");
        case "list": return renderList(lines.filter((line) => line.trim() !== ""));
        case "quote": return h("blockquote", {}, ...splitBlocks(lines.map((line) => line.replace(QUOTE, "")).join("\n")).map(renderBlock));
        case "table": return renderTable(lines);
        default: return h("p", {}, ...withBreaks(lines));
    }
}

function renderCode(lines) {
    const [, fence, language] = FENCE.exec(lines[0]);
    const closed = lines.length > 1 && lines.at(-1).trim().startsWith(fence);
    const code = lines.slice(1, closed ? -1 : undefined).join("\n");
    const copy = iconButton("copy", "Copy the code", () => copyText(code, copy));
    return h("div.code-block", {},
        h("div.code-head", {}, h("span", {}, language || "code"), copy),
        h("pre", { tabIndex: 0 }, h("code", {}, code)));
}

/** Items by indentation; deeper ones become a list inside the item before. */
function renderList(lines) {
    const [, indent, marker] = BULLET.exec(lines[0]);
    const ordered = /\d/.test(marker);
    const list = ordered ? h("ol", { start: parseInt(marker, 10) }) : h("ul");
    let item = null;
    for (let at = 0; at < lines.length;) {
        const bullet = BULLET.exec(lines[at]);
        if (bullet && bullet[1].length > indent.length + 1 && item) {
            const from = at;
            while (at < lines.length && (BULLET.exec(lines[at])?.[1].length ?? Infinity) > indent.length + 1) {
                at++;
            }
            item.append(renderList(lines.slice(from, at)));
        } else if (bullet) {
            item = h("li", {}, ...inline(bullet[3]));
            list.append(item);
            at++;
        } else {
            item.append(" ", ...inline(lines[at].trim()));
            at++;
        }
    }
    return list;
}

function renderTable([head, , ...rows]) {
    const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
    const row = (line, tag) => h("tr", {}, ...cells(line).map((cell) => h(tag, {}, ...inline(cell))));
    return h("div.table-wrap", {},
        h("table", {}, h("thead", {}, row(head, "th")), h("tbody", {}, ...rows.map((line) => row(line, "td")))));
}

function withBreaks(lines) {
    return lines.flatMap((line, index) => (index === 0 ? inline(line) : [h("br"), ...inline(line)]));
}

const INLINE = /(`+)(.+?)\1(?!`)|\*\*(?=\S)(.+?)(?<=\S)\*\*|\*(?=\S)([^*]+?)(?<=\S)\*|(?<![\w])_(?=\S)([^_]+?)(?<=\S)_(?![\w])|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/;

/** Text with emphasis, code and links as nodes. */
function inline(text) {
    const nodes = [];
    for (let rest = text; rest !== "";) {
        const match = INLINE.exec(rest);
        if (!match) {
            nodes.push(rest);
            break;
        }
        nodes.push(rest.slice(0, match.index));
        nodes.push(inlineNode(match));
        rest = rest.slice(match.index + match[0].length);
    }
    return nodes.filter((node) => node !== "");
}

function inlineNode([, , code, bold, star, underscore, label, address]) {
    if (code !== undefined) return h("code", {}, code);
    if (bold !== undefined) return h("strong", {}, ...inline(bold));
    if (label !== undefined) return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
    return h("em", {}, ...inline(star ?? underscore));
}
