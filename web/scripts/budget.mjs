// Fails the build when the page grows over its budget: entry <= 165 kB, any route <= 450 kB, gzip, JavaScript and CSS.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const ENTRY_LIMIT = 165_000;
const ROUTE_LIMIT = 450_000;
const dist = join(dirname(new URL(import.meta.url).pathname), "..", "dist");
const sizes = new Map();
const size = (file) => {
	if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
	return sizes.get(file);
};

const html = readFileSync(join(dist, "index.html"), "utf8");
const direct = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1]);

/* Follows `import`s (static only) of a chunk. */
const closure = (files) => {
	const seen = new Set();
	const walk = (file) => {
		if (seen.has(file) || !existsSync(join(dist, file))) return;
		seen.add(file);
		if (!file.endsWith(".js")) return;
		const text = readFileSync(join(dist, file), "utf8");
		for (const m of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) walk(`assets/${m[1]}`);
	};
	files.forEach(walk);
	return seen;
};
const total = (files) => [...files].reduce((sum, file) => sum + size(file), 0);

const entry = closure(direct);
const entryScripts = [...entry].filter((file) => file.endsWith(".js"));
console.log(`entry: ${entry.size} files, ${(total(entryScripts) / 1000).toFixed(1)} kB gz of ${ENTRY_LIMIT / 1000}`);
let failed = total(entryScripts) > ENTRY_LIMIT;

const entryText = entryScripts.map((file) => readFileSync(join(dist, file), "utf8")).join("\n");
const lazy = new Set([...entryText.matchAll(/import\(\s*["'`]\.\/([^"'`]+\.js)["'`]\s*\)/g)].map((m) => `assets/${m[1]}`));
for (const chunk of lazy) {
	// What a route may load later (editor, formatter, chart) counts as well, also where a part of it that others share loads it.
	const own = [...closure([chunk])].filter((file) => file.endsWith(".js") && !entry.has(file));
	const text = own.map((file) => readFileSync(join(dist, file), "utf8")).join("\n");
	const later = [...text.matchAll(/import\(\s*["'`]\.\/([^"'`]+\.js)["'`]\s*\)/g)].map((m) => `assets/${m[1]}`);
	const sum = total(closure([...direct, chunk, ...later]));
	console.log(`route ${chunk}: ${(sum / 1000).toFixed(1)} kB gz of ${ROUTE_LIMIT / 1000}`);
	if (sum > ROUTE_LIMIT) failed = true;
}
if (lazy.size === 0) throw new Error("no lazy route found: the budget would check nothing");
if (failed) {
	console.error("over budget");
	process.exit(1);
}
