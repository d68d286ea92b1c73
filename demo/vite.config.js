import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1", port: Number(process.env.PORT ?? 5173), strictPort: true },
  build: { target: "es2022", assetsInlineLimit: 0 },
  worker: { format: "es" },
  // The package finds its Worker and its wasm beside itself.
  optimizeDeps: { exclude: ["tabdis"] },
});
