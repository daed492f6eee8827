/**
 * Serves dist/ under a sub-path, as GitHub Pages does, with nothing clever: no rewriting, no special headers. So the
 * browser tests also prove that the built site lies in any folder.
 */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const base = "/some/folder/";
const port = Number(process.argv[2] ?? 4179);
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
};

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  let path = pathname.startsWith(base)
    ? join(dist, normalize(decodeURIComponent(pathname.slice(base.length))))
    : null;
  if (path?.startsWith(dist) && existsSync(path) && statSync(path).isDirectory())
    path = join(path, "index.html");
  if (path === null || !path.startsWith(dist) || !existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream" });
  createReadStream(path).pipe(response);
}).listen(port, "127.0.0.1");
