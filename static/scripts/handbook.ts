import MarkdownIt from "markdown-it";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const SOURCE = fileURLToPath(new URL("../../docs/handbook/", import.meta.url));
const STYLE = fileURLToPath(new URL("./handbook.css", import.meta.url));
const INDEX = "index.md";

interface Page {
  /** "trainer" for trainer.md, "" for index.md. */
  name: string;
  title: string;
  body: string;
  links: string[];
}

const address = (name: string): string => (name ? `/help/${name}` : "/help");
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** One page; throws when it leads to a page or shows a picture that does not exist. */
function pageOf(file: string, known: ReadonlySet<string>): Page {
  const markdown = new MarkdownIt({ html: false, linkify: false });
  const links: string[] = [];
  let title = "";
  const tokens = markdown.parse(readFileSync(SOURCE + file, "utf8"), {});
  for (const [index, token] of tokens.entries()) {
    if (token.type === "heading_open" && token.tag === "h1") title ||= tokens[index + 1]!.content;
    for (const inline of token.children ?? []) {
      if (inline.type === "link_open") inline.attrSet("href", linkOf(`${inline.attrGet("href")}`));
      if (inline.type !== "image") continue;
      const picture = `${inline.attrGet("src")}`;
      if (!known.has(picture)) throw new Error(`docs/handbook/${file}: no picture ${picture}`);
      inline.attrSet("src", `/help/${picture}`);
      inline.attrSet("loading", "lazy");
    }
  }
  if (!title) throw new Error(`docs/handbook/${file}: no title`);
  const body = markdown.renderer.render(tokens, markdown.options, {});
  return { name: file === INDEX ? "" : file.replace(/\.md$/, ""), title, body, links };

  function linkOf(href: string): string {
    if (/^(https?:|\/|#)/.test(href)) return href;
    const [path, anchor] = href.split("#") as [string, string?];
    if (!known.has(path)) throw new Error(`docs/handbook/${file}: no page ${path}`);
    links.push(path);
    return address(path === INDEX ? "" : path.replace(/\.md$/, "")) + (anchor ? `#${anchor}` : "");
  }
}

/** A page as it is served: complete without a script, in the order of the index. */
function html(page: Page, all: readonly Page[]): string {
  const entry = ({ name, title }: Page): string =>
    `<a href="${address(name)}"${name === page.name ? ' aria-current="page"' : ""}>${escaped(title)}</a>`;
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(page.title)} · CCSS</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/help/style.css">
</head>
<body>
<nav aria-label="手册">${all.map(entry).join("")}</nav>
<main>
${page.body}</main>
</body>
</html>
`;
}

/** Every file of the handbook by its name in dist. */
function files(): Map<string, string | Uint8Array> {
  const names = readdirSync(SOURCE).filter((name) => name.endsWith(".md"));
  const pictures = readdirSync(`${SOURCE}images`).map((name) => `images/${name}`);
  const known = new Set([...names, ...pictures]);
  const pages = new Map(names.map((name) => [name, pageOf(name, known)]));
  const index = pages.get(INDEX)!;
  const order = [INDEX, ...new Set(index.links)].map((name) => pages.get(name)!);
  const lost = names.filter((name) => !order.includes(pages.get(name)!));
  if (lost.length) throw new Error(`docs/handbook/${INDEX} does not lead to ${lost.join(", ")}`);
  return new Map<string, string | Uint8Array>([
    ["help/style.css", readFileSync(STYLE, "utf8")],
    ...order.map((page): [string, string] => [`${address(page.name).slice(1)}.html`, html(page, order)]),
    ...pictures.map((name): [string, Uint8Array] => [`help/${name}`, readFileSync(SOURCE + name)]),
  ]);
}

/** Makes static pages under /help of docs/handbook: the same files when developing and when built. */
export function handbook(): Plugin {
  return {
    name: "ccss-handbook",
    generateBundle() {
      for (const [fileName, source] of files()) this.emitFile({ type: "asset", fileName, source });
    },
    configureServer(server) {
      const types: Record<string, string> = { css: "text/css", html: "text/html", webp: "image/webp" };
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "").split("?")[0]!.replace(/^\/|\/$/g, "");
        const all = /^help(\/|$)/.test(path) ? files() : undefined;
        const name = all?.has(path) ? path : `${path}.html`;
        const body = all?.get(name);
        if (body === undefined) return next();
        response.setHeader("Content-Type", `${types[name.split(".").at(-1)!]}; charset=utf-8`);
        response.end(body);
      });
    },
  };
}
