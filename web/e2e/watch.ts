import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";

/* Every test fails on a console error, a page error, a blocked resource or a request to another origin. */
export const test = base.extend<{ watch: { allow: (pattern: RegExp) => void } }>({
	watch: [
		async ({ page, context }, use) => {
			const problems: string[] = [];
			const allowed: RegExp[] = [];
			const origins = new Set([process.env.SQLOPT_URL, process.env.FIXTURE_URL].flatMap((url) => (url ? [new URL(url).origin] : [])));
			page.on("console", (message) => {
				if (message.type() === "error" || /content security policy/i.test(message.text())) problems.push(`console: ${message.text()} (${message.location().url})`);
			});
			page.on("pageerror", (error) => problems.push(`page: ${error.message}`));
			context.on("request", (request) => {
				const url = new URL(request.url());
				if (/^https?:$/.test(url.protocol) && !origins.has(url.origin)) problems.push(`off-origin: ${request.url()}`);
			});
			await use({ allow: (pattern) => allowed.push(pattern) });
			expect(problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem)))).toEqual([]);
		},
		{ auto: true },
	],
});

export async function noViolations(page: Page, what: string, rule?: string): Promise<void> {
	const axe = new AxeBuilder({ page });
	const { violations } = await (rule ? axe.withRules([rule]) : axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])).analyze();
	// Soft: one run names everything that is wrong.
	expect.soft(violations.map((violation) => `${what}: ${violation.id}: ${violation.nodes.map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`).slice(0, 3).join(" | ")}`)).toEqual([]);
}

export async function noSideScroll(page: Page, what: string): Promise<void> {
	expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), `${what}: wider than the window`).toBeLessThanOrEqual(0);
}

/* Axe in both themes and the width of a telephone, on one loading of the page: only its colours are another theme's. */
export async function fineEverywhere(page: Page, url: string, { dark }: { dark: boolean } = { dark: true }): Promise<void> {
	await page.emulateMedia({ colorScheme: "light" });
	await page.setViewportSize({ width: 1440, height: 900 });
	await page.goto(url);
	await expect(page.locator("html")).not.toHaveClass(/dark/);
	await expect(page.locator("main")).toBeVisible();
	await expect(page.locator("main .skeleton")).toHaveCount(0);
	await noViolations(page, `light ${url}`);
	if (dark) {
		await page.emulateMedia({ colorScheme: "dark" });
		await expect(page.locator("html")).toHaveClass(/dark/);
		await noViolations(page, `dark ${url}`, "color-contrast");
	}
	await page.setViewportSize({ width: 375, height: 812 });
	await noSideScroll(page, url);
}

export async function setTheme(page: Page, theme: "light" | "dark"): Promise<void> {
	await page.getByRole("button", { name: "Theme" }).click();
	await page.getByRole("menuitem", { name: theme === "dark" ? "Dark" : "Light" }).click();
	await expect(page.locator("html")).toHaveClass(theme === "dark" ? /dark/ : /^(?!.*dark)/);
}

export { expect };
