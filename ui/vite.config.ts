import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

// The window on Linux is WebKitGTK, so the build aims at the Safari of the oldest one we support.
export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: { target: "safari16", chunkSizeWarningLimit: 700 },
  // Every split of every case is rendered: on a busy machine that takes its time.
  test: { environment: "jsdom", testTimeout: 120_000, include: ["src/**/*.test.ts"] },
});
