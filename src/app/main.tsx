/** Starts the page: tokens before the first paint, the worker before the first render. */
import "./fonts.ts";
import "./mantine.css";
import "./app.css";
import "./shell.css";
import "./controls/controls.css";
import "./charts/charts.css";
import "./panels/panels.css";
import "./panels/prose.css";
import "./panels/pages.css";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { boot } from "./store/boot.ts";
import { theme, variables } from "./theme.ts";
import { tokenSheet } from "./tokens.ts";

const sheet = document.createElement("style");
sheet.textContent = tokenSheet();
document.head.append(sheet);

boot();

const root = document.querySelector("#root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <App />
      </MantineProvider>
    </StrictMode>,
  );
}
