// Copies the prebuilt API viewers into dist/, so that /docs and /redoc work without a network.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const web = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), "..");
const dist = join(web, "dist");
const swagger = dirname(require.resolve("swagger-ui-dist/package.json"));
const redoc = dirname(require.resolve("redoc/package.json"));

mkdirSync(join(dist, "docs-assets"), { recursive: true });
for (const [from, to] of [
	[join(swagger, "swagger-ui-bundle.js"), "docs-assets/swagger-ui-bundle.js"],
	[join(swagger, "swagger-ui.css"), "docs-assets/swagger-ui.css"],
	[join(swagger, "LICENSE"), "docs-assets/swagger-ui.LICENSE.txt"],
	[join(redoc, "LICENSE"), "docs-assets/redoc.LICENSE.txt"],
	[join(web, "docs-pages/docs-init.js"), "docs-assets/docs-init.js"],
	[join(web, "docs-pages/redoc-init.js"), "docs-assets/redoc-init.js"],
	[join(web, "docs-pages/docs.html"), "docs.html"],
	[join(web, "docs-pages/redoc.html"), "redoc.html"],
]) {
	copyFileSync(from, join(dist, to));
}
// The viewer asks its maker's host for a logo on every visit. Ours instead: nothing leaves.
const logo = "https://cdn.redoc.ly/redoc/logo-mini.svg";
const viewer = readFileSync(join(redoc, "bundles/redoc.standalone.js"), "utf8");
if (!viewer.includes(logo)) throw new Error("redoc changed where its logo comes from: look again what it asks for");
writeFileSync(join(dist, "docs-assets/redoc.standalone.js"), viewer.replaceAll(logo, "/favicon.svg"));

for (const page of ["index.html", "docs.html", "redoc.html"]) {
	// The content security policy has no 'unsafe-inline' for scripts: an inline one would silently not run.
	if (/<script(?![^>]*\ssrc=)[^>]*>/i.test(readFileSync(join(dist, page), "utf8"))) {
		throw new Error(`${page} contains an inline script`);
	}
}
