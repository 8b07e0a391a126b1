import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "@/api/client";
import { router } from "@/app/router";
import "@/styles/index.css";

const client = new QueryClient({
	defaultOptions: {
		queries: {
			staleTime: 5_000,
			// What the client did wrong stays wrong; a server that restarts comes back.
			retry: (count, error) => (error instanceof ApiError && error.status >= 400 && error.status < 500 ? false : count < 2),
			refetchOnWindowFocus: true,
		},
	},
});

const host = document.getElementById("root");
if (host)
	createRoot(host).render(
		<StrictMode>
			<QueryClientProvider client={client}>
				<RouterProvider router={router} />
			</QueryClientProvider>
		</StrictMode>,
	);
