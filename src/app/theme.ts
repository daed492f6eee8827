/**
 * Mantine in the page's own colours and faces. Components take their colours from the token variables, so a change of
 * scheme is a change of variables and not of components.
 */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import { tokens } from "./tokens.ts";

/** Mantine wants ten shades; only the two that a scheme uses are seen: dark takes 4, light takes 8. */
const leaf = Array.from({ length: 10 }, (_, shade) =>
  shade <= 4 ? tokens.dark.leaf : tokens.light.leaf,
) as unknown as MantineColorsTuple;

export const theme = createTheme({
  primaryColor: "leaf",
  primaryShade: { light: 8, dark: 4 },
  colors: { leaf },
  fontFamily: tokens.font.sans,
  fontFamilyMonospace: tokens.font.mono,
  defaultRadius: 6,
  respectReducedMotion: true,
  cursorType: "pointer",
  focusRing: "always",
});

const shared: Record<string, string> = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--ink)",
  "--mantine-color-bright": "var(--ink)",
  "--mantine-color-dimmed": "var(--soft)",
  "--mantine-color-placeholder": "var(--soft)",
  "--mantine-color-anchor": "var(--ink)",
  "--mantine-color-error": "var(--cut)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--sunk)",
  "--mantine-color-default-color": "var(--ink)",
  "--mantine-color-default-border": "var(--edge)",
  "--mantine-color-disabled": "var(--sunk)",
  "--mantine-color-disabled-color": "var(--soft)",
  "--mantine-primary-color-contrast": "var(--on-leaf)",
};

export const variables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
