// Puts the theme that is in force on <html>, where lib/design/tokens.css reads it.
import type { Theme } from "../api/types";

const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

export function applyTheme(theme: Theme): void {
  const resolved = theme === "system" ? (dark().matches ? "dark" : "light") : theme;
  document.documentElement.dataset["theme"] = resolved;
}

/** Calls back when the desktop changes between light and dark; returns how to stop. */
export function watchDesktop(changed: () => void): () => void {
  const query = dark();
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}
