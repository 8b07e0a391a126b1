import { defineConfig } from "@playwright/test";

// e2e/run.mjs starts what the tests need and names it here.
export default defineConfig({
	testDir: "e2e",
	outputDir: "test-results",
	// Those of the real server share its store, one after the other; those of the fixtures need nobody.
	workers: 2,
	fullyParallel: false,
	projects: [
		{ name: "server", testIgnore: "states.spec.ts", workers: 1 },
		{ name: "fixtures", testMatch: "states.spec.ts", workers: 1 },
	],
	retries: 0,
	timeout: 120_000,
	expect: { timeout: 30_000 },
	reporter: [["list"]],
	use: {
		baseURL: process.env.SQLOPT_URL,
		viewport: { width: 1440, height: 900 },
		locale: "en-US",
		timezoneId: "UTC",
		contextOptions: { reducedMotion: "reduce" },
		permissions: ["clipboard-read", "clipboard-write"],
		trace: "retain-on-failure",
		launchOptions: {
			executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
			args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
		},
	},
});
