/* Runs before the first paint, so that a dark screen never flashes white. Must stay a classic script of a few lines. */
(function () {
	var stored = null;
	try {
		stored = localStorage.getItem("sqlopt.theme");
	} catch {
		/* storage may be blocked: follow the system */
	}
	var dark = stored === "dark" || (stored !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
	document.documentElement.classList.toggle("dark", dark);
})();
