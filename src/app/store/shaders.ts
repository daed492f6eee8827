/**
 * Shader sources by file name without folder root and ending: "lib/random", "matmul". A module of its own, so that saving
 * a shader while developing replaces this module alone and the running trainer takes the new text.
 */
const files = import.meta.glob<string>("/shaders/**/*.wgsl", {
  query: "?raw",
  import: "default",
  eager: true,
});

export const shaders: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(files).map(([path, text]) => [
    path.replace(/^\/shaders\//, "").replace(/\.wgsl$/, ""),
    text,
  ]),
);
