import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
	{ ignores: ["dist", "node_modules", "test-results", "playwright-report", "src/api/schema.d.ts"] },
	js.configs.recommended,
	...tseslint.configs.recommended,
	hooks.configs.flat["recommended-latest"] ?? hooks.configs.flat.recommended,
	{
		rules: {
			"no-alert": "error",
			"no-console": "error",
			eqeqeq: ["error", "always", { null: "ignore" }],
			"@typescript-eslint/consistent-type-imports": "error",
			"no-restricted-properties": ["error", { property: "dangerouslySetInnerHTML", message: "Text from a database or a model is shown as text." }],
		},
	},
	{ files: ["public/*.js", "docs-pages/*.js"], languageOptions: { sourceType: "script", globals: { window: true, document: true, localStorage: true, SwaggerUIBundle: true, Redoc: true, matchMedia: true } } },
	{ files: ["scripts/*.mjs", "e2e/*.mjs"], languageOptions: { globals: { process: true, console: true, URL: true, Buffer: true, setTimeout: true, fetch: true } }, rules: { "no-console": "off" } },
);
