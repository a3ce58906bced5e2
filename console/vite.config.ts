import { defineConfig } from "vitest/config";

// SALUS_HTTP: the server that `npm run dev` passes requests on to.
const server = process.env["SALUS_HTTP"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  server: {
    proxy: {
      "/api": { target: server, secure: false },
      "/fhir": { target: server, secure: false },
      "/ws": { target: server, secure: false, ws: true },
      // The device service lives below /devices/{id}; /devices itself is a page of the console.
      "^/devices/.+": { target: server, secure: false },
      "/healthz": { target: server, secure: false },
    },
  },
  build: {
    target: "chrome109",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      // "use client" says something to frameworks that render on a server; we do not.
      onwarn: (warning, warn) => {
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
      output: {
        manualChunks: (id) => {
          if (/node_modules\/(react|react-dom|react-router|react-router-dom|@remix-run|scheduler)\//.test(id)) return "react";
          return undefined;
        },
      },
    },
  },
  test: { include: ["src/**/*_test.ts"] },
});
