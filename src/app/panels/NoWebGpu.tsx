/** Where there is no WebGPU: what works on this device, by name and version, and a picture that says it is a recording. */
import { type ReactNode, useState } from "react";
import { Icon } from "../Icons.tsx";
import { routeHash } from "../route.ts";
import { useRun } from "../store/store.ts";
import { browserInfo } from "./browser.ts";
import { Inline } from "./Markdown.tsx";

const COPIED_FOR = 2000;

export function NoWebGpu(): ReactNode {
  const reason = useRun((s) => s.noDevice);
  const [copied, setCopied] = useState(false);
  const { name, device, steps } = browserInfo(navigator.userAgent);
  const copy = (): void => {
    void navigator.clipboard.writeText(location.href).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), COPIED_FOR);
    });
  };
  return (
    <main className="help-page" id="network" tabIndex={-1}>
      <h1 className="title">This browser does not offer its GPU to pages.</h1>
      <p className="read">
        Espalier trains on your own graphics chip through WebGPU. You are using <b>{name}</b>, where it is
        off.
        {reason ? <span className="soft"> ({reason.replace(/\.$/, "")}.)</span> : null}
      </p>
      <h2>What works on this {device}</h2>
      <ol className="read steps">
        {steps.map((step) => (
          <li key={step}>
            <Inline text={step} />
          </li>
        ))}
      </ol>
      <div className="row wrap">
        <button type="button" className="button filled" onClick={copy}>
          <Icon name={copied ? "check" : "link"} />
          {copied ? "Copied" : "Copy link to this page"}
        </button>
        <button type="button" className="button edged" onClick={() => location.reload()}>
          Check again
        </button>
      </div>
      <figure className="recorded">
        <figcaption>
          <span aria-hidden="true">○</span> <b>Recorded, not live</b>
        </figcaption>
        <img src="./recorded.png" alt="A Cascade LSTM in training, with three blocks and its falling loss." />
      </figure>
      <p className="row wrap read">
        <a href={routeHash.methods}>How each method works</a>
        <a href={routeHash.gallery}>Gallery</a>
      </p>
    </main>
  );
}
