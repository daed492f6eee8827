/** One's own text: pasted and dropped, trained on, and never in a link; whoever opens the link needs the same file. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { expect, linkTo, longer, type Play, small, test, unpacked } from "./page.ts";

const line = (n: number): string => `Row ${n}: the quick brown fox jumps over the lazy dog; zebras watch.\n`;
const text = Array.from({ length: 60 }, (_, i) => line(i % 7)).join("");
const sha256 = createHash("sha256").update(text).digest("hex");

/** Drops a file as a person does, on the zone that asks for one. */
async function drop(play: Play, name: string, content: Buffer): Promise<void> {
  const transfer = await play.page.evaluateHandle(
    ([fileName, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], fileName, { type: "text/plain" }));
      return data;
    },
    [name, [...content]] as const,
  );
  const zone = play.page.getByRole("region", { name: "Your own text" });
  for (const type of ["dragenter", "dragover", "drop"]) {
    await zone.dispatchEvent(type, { dataTransfer: transfer });
  }
}

async function ask(play: Play): Promise<void> {
  await play.page.getByRole("combobox", { name: "Data", exact: true }).click();
  await play.page.getByRole("option", { name: "Your own text" }).click();
}

test("a dropped file trains, and its link asks for the same file", async ({ visitor }) => {
  longer();
  const first = await visitor();
  await first.open(linkTo({ ...small, budget: { amount: 12 } }));
  await ask(first);
  const zone = first.page.getByRole("region", { name: "Your own text" });

  // 1,203 good bytes, then one that begins no character of UTF-8.
  const broken = Buffer.concat([Buffer.from(text.slice(0, 1203)), Buffer.from([0xff, 0x61])]);
  await drop(first, "broken.txt", broken);
  await expect(zone.getByRole("alert")).toHaveText(
    "broken.txt is not UTF-8 text: byte 1,204 cannot be read.",
  );
  await drop(first, "notes.txt", Buffer.from(text));
  await expect(first.page.getByRole("combobox", { name: "Data", exact: true })).toHaveValue("notes.txt");
  await expect(
    first.page.getByText("Your text stays in this browser. The link holds only its name and fingerprint."),
  ).toBeVisible();
  await first.finish(12);
  const losses = await first.csv();
  const link = await first.copyLink();

  const { data } = JSON.parse(unpacked(link));
  expect(data).toEqual({ id: "own", name: "notes.txt", sha256 });
  for (const word of ["fox", "zebras", "Row"]) expect(unpacked(link)).not.toContain(word);

  const second = await visitor();
  await second.page.goto(link);
  const asked = second.page.getByRole("region", { name: "Your own text" });
  await expect(asked).toContainText(
    "This link was made with the file notes.txt. Drop the same file here to go on.",
  );
  await drop(second, "notes.txt", Buffer.from(`${text}one more`));
  await expect(asked.getByRole("alert")).toContainText("its fingerprint differs");
  await drop(second, "renamed.txt", Buffer.from(text));
  await second.ready();
  await expect(asked).toBeHidden();
  await second.finish(12);
  expect(await second.csv()).toEqual(losses);
});

test("a pasted text trains", async ({ play, page }) => {
  await play.open(linkTo(small));
  await ask(play);
  await page.getByRole("textbox", { name: "Paste a text" }).fill(text);
  await play.button("Use this text").click();
  await expect(page.getByRole("combobox", { name: "Data", exact: true })).toHaveValue("pasted text");
  await play.play();
  await play.reaches(3);
  // The line of pure guessing is that of this text's own symbols.
  const symbols = new Set(text).size;
  await expect(page.getByText(`guessing, ln ${symbols} = ${Math.log(symbols).toFixed(2)}`)).toBeAttached();
});
