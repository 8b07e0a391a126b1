/* Short messages at the edge of the window. Their library comes after the page, so none waits for it. */
export interface ToastOptions {
	description?: string;
	action?: { label: string; onClick: () => void };
}

export const loadToasts = () => import("sonner");
const say = (kind: "message" | "success" | "error") => (text: string, options?: ToastOptions) => void loadToasts().then((module) => module.toast[kind](text, options));

export const toast = { message: say("message"), success: say("success"), error: say("error") };
