import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.SQLOPT_URL ?? "http://127.0.0.1:8000";
const proxied = ["/api", "/health", "/openapi.json", "/docs", "/redoc"];

export default defineConfig({
	plugins: [react(), tailwindcss()],
	// Absolute, or deep links such as /optimizer/12 would ask for /optimizer/assets/... and get the page itself.
	base: "/",
	resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
	build: {
		outDir: "dist",
		emptyOutDir: true,
		target: "es2022",
		// A font inlined as data: would be refused by font-src 'self'.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		rolldownOptions: {
			output: {
				codeSplitting: {
					groups: [
						{ name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
						{ name: "editor", test: /node_modules[\\/](@codemirror|@lezer|style-mod|w3c-keyname|crelt|@marijn)[\\/]/ },
					],
				},
			},
		},
	},
	server: {
		host: "127.0.0.1",
		port: 5173,
		proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: true }])),
	},
});
