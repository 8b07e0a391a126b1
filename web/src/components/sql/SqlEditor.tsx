/* CodeMirror 6 with the PostgreSQL dialect. Loaded lazily. Tab is not bound: it must leave the editor. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { Annotation, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

export interface SqlMark {
	from: number;
	to: number;
	message: string;
}

const colours = HighlightStyle.define([
	{ tag: tags.keyword, class: "tok-keyword" },
	{ tag: [tags.string, tags.special(tags.string)], class: "tok-string" },
	{ tag: [tags.number, tags.bool, tags.null], class: "tok-number" },
	{ tag: [tags.lineComment, tags.blockComment], class: "tok-comment" },
	{ tag: tags.typeName, class: "tok-type" },
	{ tag: [tags.operator, tags.punctuation], class: "tok-punct" },
]);

const theme = EditorView.theme({
	"&": { backgroundColor: "transparent", color: "var(--fg)", fontSize: "0.8125rem", height: "100%" },
	"&.cm-focused": { outline: "none" },
	".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.35rem", scrollbarWidth: "thin", scrollbarColor: "var(--line-strong) transparent" },
	".cm-content": { padding: "10px 0", caretColor: "var(--accent-text)" },
	".cm-line": { padding: "0 12px 0 6px" },
	".cm-gutters": { backgroundColor: "transparent", color: "var(--fg-3)", border: "none", fontSize: "0.6875rem" },
	".cm-lineNumbers .cm-gutterElement": { padding: "0 6px 0 14px", minWidth: "34px" },
	".cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--fg) 3.5%, transparent)" },
	".cm-cursor": { borderLeftColor: "var(--accent-text)", borderLeftWidth: "2px" },
	"&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
		background: "color-mix(in oklab, var(--accent) 26%, transparent)",
	},
	".cm-matchingBracket": { backgroundColor: "var(--hover)", outline: "1px solid var(--line-strong)" },
	".cm-placeholder": { color: "var(--fg-3)" },
	".cm-tooltip": { backgroundColor: "var(--panel)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "var(--shadow-pop)", overflow: "hidden" },
	".cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "0.75rem" },
	".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--hover)", color: "var(--fg)" },
	".cm-diagnostic-error": { borderLeft: "3px solid var(--red)", fontFamily: "var(--font-sans)", fontSize: "0.75rem" },
	".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--red)", textUnderlineOffset: "3px" },
	".cm-lintPoint-error:after": { borderBottomColor: "var(--red)" },
});

// A text that was put in from outside is no edit of the person who types.
const outside = Annotation.define<boolean>();

// The dialect knows hundreds of words, most of them never typed in a query: offer those that are.
const WORDS =
	"SELECT FROM WHERE AND OR NOT NULL IS IN EXISTS BETWEEN LIKE ILIKE JOIN LEFT INNER ON USING GROUP BY HAVING ORDER DESC ASC LIMIT OFFSET UNION ALL DISTINCT CASE WHEN THEN ELSE END WITH AS VALUES INSERT INTO UPDATE SET DELETE RETURNING COUNT SUM MIN MAX AVG COALESCE LATERAL OVER PARTITION FILTER INTERVAL"
		.split(" ")
		.map((label) => ({ label, type: "keyword" }));

export function SqlEditor({ value, onChange, onRun, onFormat, mark, names, label }: {
	value: string;
	onChange: (value: string) => void;
	onRun: () => void;
	onFormat: () => void;
	mark: SqlMark | null;
	names: readonly string[];
	label: string;
}) {
	const host = useRef<HTMLDivElement>(null);
	const view = useRef<EditorView | null>(null);
	const handlers = useRef({ onChange, onRun, onFormat, names });
	const first = useRef({ value, label });

	useEffect(() => {
		handlers.current = { onChange, onRun, onFormat, names };
	});

	useEffect(() => {
		if (!host.current) return;
		const complete = (context: CompletionContext) => {
			const word = context.matchBefore(/[\w.]+/);
			if (!word && !context.explicit) return null;
			return {
				from: word?.from ?? context.pos,
				options: [...handlers.current.names.map((name) => ({ label: name, type: "class", boost: 50 })), ...WORDS],
				validFor: /^[\w.]*$/,
			};
		};
		const editor = new EditorView({
			parent: host.current,
			state: EditorState.create({
				doc: first.current.value,
				extensions: [
					lineNumbers(),
					history(),
					drawSelection(),
					bracketMatching(),
					closeBrackets(),
					highlightActiveLine(),
					PostgreSQL.extension,
					syntaxHighlighting(colours),
					autocompletion({ override: [complete], icons: false }),
					EditorView.lineWrapping,
					placeholder("SELECT …   paste a statement, then Ctrl Enter"),
					keymap.of([
						{ key: "Mod-Enter", preventDefault: true, run: () => (handlers.current.onRun(), true) },
						{ key: "Mod-Shift-f", preventDefault: true, run: () => (handlers.current.onFormat(), true) },
						...closeBracketsKeymap,
						...completionKeymap,
						...historyKeymap,
						...defaultKeymap,
					]),
					EditorView.contentAttributes.of({ "aria-label": first.current.label, spellcheck: "false", autocapitalize: "off" }),
					EditorView.updateListener.of((update) => {
						if (update.docChanged && !update.transactions.some((one) => one.annotation(outside))) handlers.current.onChange(update.state.doc.toString());
					}),
					theme,
				],
			}),
		});
		// A scroll area that overflows must be reachable by keyboard.
		editor.scrollDOM.tabIndex = 0;
		view.current = editor;
		// Line heights measured before fonts and styles were there put the line numbers beside the lines.
		const measure = () => view.current?.requestMeasure();
		const timers = [0, 120, 600].map((delay) => window.setTimeout(measure, delay));
		void document.fonts?.ready.then(measure);
		return () => {
			timers.forEach((timer) => window.clearTimeout(timer));
			view.current = null;
			editor.destroy();
		};
	}, []);

	useEffect(() => {
		const editor = view.current;
		if (!editor || editor.state.doc.toString() === value) return;
		editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value }, annotations: outside.of(true) });
	}, [value]);

	useEffect(() => {
		const editor = view.current;
		if (!editor) return;
		const length = editor.state.doc.length;
		const marks = mark ? [{ from: Math.min(mark.from, length), to: Math.min(Math.max(mark.to, mark.from), length), severity: "error" as const, message: mark.message }] : [];
		editor.dispatch(setDiagnostics(editor.state, marks));
		if (mark && mark.from <= length) editor.dispatch({ effects: EditorView.scrollIntoView(Math.min(mark.from, length)) });
	}, [mark]);

	return <div ref={host} className="h-full min-h-0 overflow-hidden" />;
}
