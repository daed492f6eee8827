/**
 * Places of the page, all in the hash, so that the site works from any folder of any server: `#/<route>`, and
 * `#<version>.<payload>` for a link that opens `play`. What is neither is taken for a link, so that a mangled one gets
 * the link's sentence instead of a silent start page.
 */
export type Route =
  /** `beside`: link of the run that the first is compared with. */
  | { readonly page: "play"; readonly link: string | null; readonly beside?: string }
  | { readonly page: "gallery" }
  | { readonly page: "methods"; readonly id: string | null }
  /** `link`: of a comparison, whose numbers stand in the rest of the query. */
  | { readonly page: "compare"; readonly link: string | null; readonly query: string }
  /** `id`: the op whose shader is shown. */
  | { readonly page: "kernels"; readonly id: string | null };

export function parseRoute(hash: string): Route {
  const text = decoded(hash.replace(/^#/, ""));
  if (text === "") return { page: "play", link: null };
  if (!text.startsWith("/")) return { page: "play", link: text };
  const [path = "", query = ""] = text.slice(1).split("?");
  const [page = "", id = ""] = path.split("/");
  if (page === "gallery") return { page: "gallery" };
  if (page === "methods") return { page: "methods", id: id === "" ? null : id };
  if (page === "kernels") return { page: "kernels", id: id === "" ? null : id };
  if (page === "compare") return { page: "compare", link: new URLSearchParams(query).get("c"), query };
  const [link, beside] = ["c", "beside"].map((key) => new URLSearchParams(query).get(key));
  return { page: "play", link: link ?? null, ...(beside ? { beside } : {}) };
}

/** Browsers and mail programs escape what is no plain letter; a refusal names the character that was written. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const routeHash = {
  play: "#/play",
  gallery: "#/gallery",
  compare: "#/compare",
  methods: "#/methods",
  kernels: "#/kernels",
  kernel: (op: string): string => `#/kernels/${op}`,
  method: (id: string): string => `#/methods/${id}`,
  reproduced: (page: string): string => `#/methods/reproduce.${page}`,
} as const;

/** The places in the bar, in their order. */
export const ROUTES = [
  ["play", "Play", routeHash.play],
  ["gallery", "Gallery", routeHash.gallery],
  ["compare", "Compare", routeHash.compare],
  ["methods", "Methods", routeHash.methods],
  ["kernels", "Kernels", routeHash.kernels],
] as const;
