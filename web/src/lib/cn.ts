import { clsx, type ClassValue } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

// tint-* is ours (styles/index.css) and sets the text colour as well.
const twMerge = extendTailwindMerge({ extend: { classGroups: { "text-color": [{ tint: ["red", "orange", "amber", "green", "violet", "teal"] }] } } });

export const cn = (...inputs: ClassValue[]): string => twMerge(clsx(inputs));
