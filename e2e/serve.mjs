/**
 * Serves dist/, or the folder named second, under a sub-path, as GitHub Pages does, with nothing clever: no rewriting,
 * no special headers. So the browser tests also prove that the built site lies in any folder.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const dist = resolve(process.argv[3] || fileURLToPath(new URL("../dist/", import.meta.url))) + sep;
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
  const path = join(dist, pathname.startsWith(base) ? decodeURIComponent(pathname.slice(base.length)) : "..");
  // A path that climbs out of the folder is no file of the site.
  const file = path.endsWith(sep) ? join(path, "index.html") : path;
  if (!file.startsWith(dist) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
}).listen(port, "127.0.0.1");
