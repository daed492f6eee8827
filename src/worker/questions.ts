/** Questions to a run that change nothing in it, and what they are answered with. */
import type { RunCommand, WorkerMessage } from "../run/messages.ts";
import { blocksOff } from "../train/blocks-off.ts";
import { write } from "../train/look.ts";
import { sensitivity } from "../train/scan.ts";
import { stepTimes } from "../train/step-times.ts";
import type { Trainer } from "../train/trainer.ts";
import { spoken } from "./spoken.ts";

type Question = Extract<RunCommand, { readonly type: "preview" | "scan" | "blocks-off" | "step-times" }>;

export async function answered(
  question: Question,
  trainer: Trainer,
  tell: (done: number, total: number) => void,
): Promise<WorkerMessage> {
  const { run } = question;
  switch (question.type) {
    case "preview": {
      const answer = await trainer
        .preview(question.action)
        .then((outcome) => ({ outcome, message: "" }))
        .catch((error: unknown) => ({ outcome: null, message: spoken(error) }));
      return { type: "preview", run, request: question.request, ...answer };
    }
    case "scan": {
      await trainer.settled();
      const curves = await sensitivity(trainer.core, tell);
      return { type: "scanned", run, request: question.request, step: trainer.step, curves };
    }
    case "blocks-off": {
      await trainer.settled();
      const found = await blocksOff(trainer.core, question.sets, tell);
      return { type: "blocks-off", run, request: question.request, found: { step: trainer.step, ...found } };
    }
    case "step-times":
      await trainer.settled();
      return { type: "step-times", times: await stepTimes(trainer.core, run) };
    default:
      return question satisfies never;
  }
}

/** A text by the network as it stands, said as an event. */
export async function sampled(
  { prompt, temperature, length }: Extract<RunCommand, { readonly type: "sample" }>,
  trainer: Trainer,
): Promise<void> {
  const text = await write(trainer.core, prompt, temperature, length);
  trainer.say({ type: "sample", prompt, text, temperature });
}
