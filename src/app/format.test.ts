import { describe, expect, it } from "vitest";
import { bytes, compact, count, duration, fixed, list, loss, plain, rough, whole } from "./format.ts";
import { parseRoute } from "./route.ts";

describe("figures", () => {
  it("drop the zero before the point, keep thousands apart, use a true minus", () => {
    expect([plain(0.025), plain(0.3), plain(3e-6), plain(0), plain(1000), plain(-0.5), plain(1.5)]).toEqual([
      ".025",
      ".3",
      "3e-6",
      "0",
      "1,000",
      "−.5",
      "1.5",
    ]);
    expect([whole(4182), whole(-1234.4)]).toEqual(["4,182", "−1,234"]);
    expect([loss(1.6421), loss(0.0474), fixed(-0.004, 3)]).toEqual(["1.642", ".047", "−.004"]);
    expect([loss(999.9), loss(3_932_887)]).toEqual(["999.900", "3.9 M"]);
    expect([rough(3.62e-6), rough(0.2114), rough(12.3)]).toEqual(["3.6e-6", ".21", "12"]);
  });
  it("shorten large ones", () => {
    expect([compact(141_648), compact(276), compact(999_600), compact(1_190_000), compact(2400)]).toEqual([
      "142 k",
      "276",
      "1 M",
      "1.2 M",
      "2.4 k",
    ]);
    expect([bytes(468_186), bytes(12), bytes(2_100_000)]).toEqual(["468 kB", "12 bytes", "2.1 MB"]);
    expect([duration(29.3), duration(95), duration(0.014), duration(120), duration(3700)]).toEqual([
      "29 s",
      "1 min 35 s",
      "14 ms",
      "2 min",
      "1 h 2 min",
    ]);
  });
  it("say what is not a number", () => {
    expect([loss(Number.NaN), whole(Number.POSITIVE_INFINITY)]).toEqual(["not a number", "infinite"]);
  });
  it("count and list", () => {
    expect([count(1, "change"), count(1200, "step")]).toEqual(["1 change", "1,200 steps"]);
    expect([list([]), list(["a"]), list(["a", "b"]), list(["a", "b", "c"])]).toEqual([
      "",
      "a",
      "a and b",
      "a, b and c",
    ]);
  });
});

describe("routes", () => {
  it("read places and links, and take anything else for a link", () => {
    expect(parseRoute("")).toEqual({ page: "play", link: null });
    expect(parseRoute("#/play")).toEqual({ page: "play", link: null });
    expect(parseRoute("#/play?c=1.abc")).toEqual({ page: "play", link: "1.abc" });
    expect(parseRoute("#1.abc")).toEqual({ page: "play", link: "1.abc" });
    expect(parseRoute("#nonsense")).toEqual({ page: "play", link: "nonsense" });
    expect(parseRoute("#1.a%F0%9F%8C%B1b")).toEqual({ page: "play", link: "1.a🌱b" });
    expect(parseRoute("#1.a%b")).toEqual({ page: "play", link: "1.a%b" });
    expect(parseRoute("#/gallery")).toEqual({ page: "gallery" });
    expect(parseRoute("#/methods")).toEqual({ page: "methods", id: null });
    expect(parseRoute("#/methods/cascade")).toEqual({ page: "methods", id: "cascade" });
  });
});
